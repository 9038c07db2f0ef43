import type { Finding } from '../finding.ts';
import type { GatewayApiObject } from '../gateway-api/objects.ts';
import type { Declaration } from '../model.ts';
import type { Picture } from '../picture.ts';
import { withNames } from './names.ts';
import { createSummary } from './summary.ts';
import { hasForeign, type Translation, type TranslationContext, translate } from './translate.ts';
import { vocabulariesOf } from './vocabularies.ts';
import type { Remark } from './vocabulary.ts';

/** Most translations that are remembered: objects with the same annotations share one. */
const MAX_REMEMBERED = 4096;

/** Says a picture in our words. */
export type Migrate = (picture: Picture) => Picture;

/** One list of objects, translated. */
type TranslatedList = { readonly objects: readonly GatewayApiObject[]; readonly findings: readonly Finding[] };

/** An object said in our words, and what became of each foreign annotation. */
type Translated = { readonly object: GatewayApiObject; readonly remarks: readonly Remark[] };

/** Translates one object, or the very same again; `plain` where nothing on it is foreign. */
type TranslateOne = (object: GatewayApiObject) => Translated | 'plain';

/**
 * Makes what translates other systems' annotations on the objects of pictures, as the declaration asks for it; pictures
 * pass untouched where it asks for nothing. What is the same in two pictures is translated once: the same object gives the
 * same translated object, the same list the same list.
 */
export function createMigrate({ prefix, migration, clusters }: Declaration): Migrate {
  if (migration === undefined || migration.read.length === 0) return (picture) => picture;
  const { geotags } = migration;
  const names = new Set(clusters.map((cluster) => cluster.name));
  const translateOne = createTranslateOne({
    prefix,
    vocabularies: vocabulariesOf(migration, prefix),
    clusterOf: (geotag) => {
      const cluster = Object.hasOwn(geotags, geotag) ? geotags[geotag] : geotag;
      return cluster !== undefined && names.has(cluster) ? cluster : undefined;
    },
  });
  const lists = new WeakMap<readonly GatewayApiObject[], TranslatedList>();
  return (picture) => {
    const known = lists.get(picture.objects);
    const list = known ?? translateAll(picture.objects, translateOne);
    if (known === undefined) lists.set(picture.objects, list);
    if (list.findings.length === 0 && list.objects === picture.objects) return picture;
    const own = picture.findings;
    const findings = own.length === 0 ? list.findings : Object.freeze([...own, ...list.findings]);
    return Object.freeze({ ...picture, objects: list.objects, findings });
  };
}

function createTranslateOne(context: TranslationContext): TranslateOne {
  const objects = new WeakMap<GatewayApiObject, Translated | 'plain'>();
  const remembered = new Map<string, Translation>();
  const translationOf = ({ kind, annotations }: GatewayApiObject): Translation => {
    const key = JSON.stringify([kind, annotations]);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const translation = translate(kind, annotations, context);
    remembered.set(key, translation);
    return translation;
  };
  return (object) => {
    const known = objects.get(object);
    if (known !== undefined) return known;
    const isForeign = object.kind !== 'Namespace' && hasForeign(object.annotations, context);
    const translated = isForeign ? applied(object, translationOf(object)) : 'plain';
    objects.set(object, translated);
    return translated;
  };
}

function applied(object: GatewayApiObject, { annotations, names, remarks }: Translation): Translated {
  const own: Remark[] = [];
  const said = withNames({ ...object, annotations }, names, (code, message, suggestion) => {
    own.push({ code, message, suggestion });
  });
  return { object: Object.freeze(said), remarks: own.length === 0 ? remarks : [...remarks, ...own] };
}

function translateAll(list: readonly GatewayApiObject[], translateOne: TranslateOne): TranslatedList {
  const summary = createSummary();
  let foreign = 0;
  const objects = list.map((object) => {
    const translated = translateOne(object);
    if (translated === 'plain') return object;
    foreign += 1;
    for (const remark of translated.remarks) summary.add(translated.object, remark);
    return translated.object;
  });
  return { objects: foreign === 0 ? list : Object.freeze(objects), findings: Object.freeze(summary.findings()) };
}
