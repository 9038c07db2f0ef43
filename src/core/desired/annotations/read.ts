import type { Origin } from '../finding.ts';
import { deepFreeze } from '../freeze.ts';
import { NO_MAP } from '../maps/client-map.ts';
import type { TargetGuard } from '../probe-targets.ts';
import { quote } from '../quote.ts';
import type { Report } from '../report.ts';
import { nearest } from '../suggest.ts';
import { MAX_VALUE } from './limits.ts';
import type { Level, Setting, SettingKey, Settings, SettingValues } from './setting.ts';
import { ANNOTATIONS, isSettingKey } from './table.ts';

/** Most unknown keys that are remembered with what was meant by them. */
const MAX_REMEMBERED = 1000;

/** What reading annotations needs to know besides the object. */
export type AnnotationContext = {
  readonly prefix: string;
  readonly clusters: ReadonlySet<string>;
  /** The named monitors. */
  readonly monitors: ReadonlySet<string>;
  /** The names of the custom maps. */
  readonly maps: ReadonlySet<string>;
  /** The key that was probably meant by an unknown one. */
  readonly meantBy: (key: string) => string | undefined;
  readonly report: Report;
  /** Which addresses may not be probed; absent where nobody asks. */
  readonly targetGuard?: TargetGuard;
};

/** One object's annotations: keys without prefix. No setting has an effect on a Namespace. */
export type AnnotatedObject = {
  readonly level: Level | 'Namespace';
  readonly kind: string;
  readonly origin: Origin;
  readonly annotations: Iterable<readonly [string, unknown]>;
};

/**
 * The valid settings of an object. What is unknown, misplaced or invalid is reported and left out, so that the next less
 * specific object is asked.
 */
export function readAnnotations(object: AnnotatedObject, context: AnnotationContext): Settings {
  const settings: Writable = {};
  for (const [key, value] of object.annotations) {
    if (isUsable(key, object, context)) readSetting(key, value, object.origin, settings, context);
  }
  keepKnownClusters(settings, object.origin, context);
  keepKnownMonitors(settings, object.origin, context);
  keepKnownMap(settings, object.origin, context);
  return settings;
}

/** Finds the key that was meant. A mistake is often made on many objects: what was found is remembered. */
export function createMeantBy(): AnnotationContext['meantBy'] {
  const known = new Map<string, string | undefined>();
  return (key) => {
    if (known.has(key)) return known.get(key);
    if (known.size >= MAX_REMEMBERED) known.clear();
    const meant = nearest(key, Object.keys(ANNOTATIONS));
    known.set(key, meant);
    return meant;
  };
}

type Writable = { -readonly [K in SettingKey]?: Setting<SettingValues[K]> };

function isUsable(
  key: string,
  object: AnnotatedObject,
  { prefix, meantBy, report }: AnnotationContext,
): key is SettingKey {
  const { level, origin } = object;
  if (!isSettingKey(key)) {
    const meant = meantBy(key);
    const suggestion = meant === undefined ? undefined : `did you mean ${prefix}${meant}?`;
    report.add('annotation-unknown', origin, `unknown annotation ${quote(prefix + key)}`, suggestion);
    return false;
  }
  const { on } = ANNOTATIONS[key];
  if (level !== 'Namespace' && on.includes(level)) return true;
  const message = `${prefix}${key} has no effect on a ${object.kind}`;
  const places = on.filter((one) => one !== 'cluster').join(' or ');
  const right = places === '' ? "the cluster's entry in the configuration" : `a ${places}`;
  report.add('annotation-misplaced', origin, message, `set it on ${right}`);
  return false;
}

function readSetting<K extends SettingKey>(
  key: K,
  value: unknown,
  origin: Origin,
  settings: { [P in K]?: Setting<SettingValues[P]> },
  { prefix, report }: AnnotationContext,
): void {
  const annotation = ANNOTATIONS[key];
  if (typeof value !== 'string') {
    // Kubernetes refuses such an object; a file on disk reaches us before that.
    report.add('annotation-invalid', origin, `${prefix}${key} is not a string`, 'put the value in quotes');
    return;
  }
  const text = value.trim();
  const parsed = text.length > MAX_VALUE ? undefined : annotation.parse(text);
  if (parsed === undefined) {
    const mistake = text.length > MAX_VALUE ? undefined : annotation.mistakeIn?.(text);
    const message = `${prefix}${key}: ${quote(text)}${mistake === undefined ? '' : `: ${mistake.message}`}`;
    report.add('annotation-invalid', origin, message, mistake?.suggestion ?? `expected ${annotation.form}`);
    return;
  }
  settings[key] = { value: deepFreeze(parsed), text };
}

function keepKnownClusters(settings: Writable, origin: Origin, { prefix, clusters, report }: AnnotationContext): void {
  const { failover } = settings;
  if (failover === undefined) return;
  const known = failover.value.filter((name) => name === '*' || clusters.has(name));
  for (const name of failover.value) {
    if (known.includes(name)) continue;
    const meant = nearest(name, clusters);
    const suggestion = meant === undefined ? `the clusters are ${listed(clusters)}` : `did you mean ${meant}?`;
    report.add('cluster-unknown', origin, `${prefix}failover names ${quote(name)}, which is no cluster`, suggestion);
  }
  if (known.length === 0) delete settings.failover;
  else settings.failover = { value: known, text: failover.text };
}

function keepKnownMonitors(settings: Writable, origin: Origin, { prefix, monitors, report }: AnnotationContext): void {
  const { monitors: setting } = settings;
  if (setting === undefined) return;
  const known = setting.value.filter((name) => monitors.has(name));
  for (const name of setting.value) {
    if (monitors.has(name)) continue;
    const meant = nearest(name, monitors);
    const all = monitors.size === 0 ? 'the configuration has no monitors' : `the monitors are ${listed(monitors)}`;
    const suggestion = meant === undefined ? all : `did you mean ${meant}?`;
    report.add('monitor-unknown', origin, `${prefix}monitors names ${quote(name)}, which is no monitor`, suggestion);
  }
  if (known.length === 0 && setting.value.length > 0) delete settings.monitors;
  else settings.monitors = { value: known, text: setting.text };
}

function keepKnownMap(settings: Writable, origin: Origin, { prefix, maps, report }: AnnotationContext): void {
  const name = settings.map?.value;
  if (name === undefined || name === NO_MAP || maps.has(name)) return;
  const meant = nearest(name, maps);
  const all = maps.size === 0 ? 'the configuration has no maps' : `the maps are ${listed(maps)}`;
  const suggestion = meant === undefined ? all : `did you mean ${meant}?`;
  report.add('map-unknown', origin, `${prefix}map names ${quote(name)}, which is no map`, suggestion);
  delete settings.map;
}

/** Most names listed in a suggestion. */
const MAX_LISTED = 10;

function listed(names: ReadonlySet<string>): string {
  const first = [...names].toSorted().slice(0, MAX_LISTED).join(', ');
  return names.size > MAX_LISTED ? `${first}, …` : first;
}
