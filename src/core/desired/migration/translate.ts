import type { SettingKey } from '../annotations/setting.ts';
import { isSettingKey } from '../annotations/table.ts';
import type { AnnotationList, Kind } from '../gateway-api/metadata.ts';
import { quote } from '../quote.ts';
import { type ForeignEntry, foreignEntries, sayUnlisted } from './entries.ts';
import { type NamesSaid, noteNames } from './names.ts';
import type { Beside, Place, Reading, Remark, Say, Vocabulary } from './vocabulary.ts';

/** What translating annotations needs to know besides them. */
export type TranslationContext = {
  /** Our prefix with its slash. */
  readonly prefix: string;
  /** In the order in which they are asked. */
  readonly vocabularies: readonly Vocabulary[];
  readonly clusterOf: Beside['clusterOf'];
};

/** The annotations of an object with those of other systems said in our words. */
export type Translation = {
  readonly annotations: AnnotationList;
  /** What they say of the hostnames of a Route. */
  readonly names: NamesSaid;
  /** What was done with each. */
  readonly remarks: readonly Remark[];
};

/** A translation under way. */
type Draft = {
  readonly context: TranslationContext;
  readonly place: Place;
  readonly kind: Kind;
  /** Our settings by key, with the annotation that they come from: the object's own and those already translated. */
  readonly settings: Map<SettingKey, { readonly text: string | undefined; readonly from: string }>;
  readonly names: NamesSaid;
  readonly say: Say;
};

/** Whether an annotation has the prefix of one of the systems that are read. */
export function hasForeign(annotations: AnnotationList, { vocabularies }: TranslationContext): boolean {
  return annotations.some(([key]) => vocabularies.some(({ prefix }) => key.startsWith(prefix)));
}

/**
 * Says the foreign annotations of an object in our words. A setting of ours on the object always wins, and the order of
 * its annotations does not matter. Nothing in them makes it throw.
 */
export function translate(kind: Kind, annotations: AnnotationList, context: TranslationContext): Translation {
  const remarks: Remark[] = [];
  const say: Say = (code, message, suggestion) => void remarks.push({ code, message, suggestion });
  const settings: Draft['settings'] = new Map();
  const own = ownSettings(annotations, context.prefix);
  for (const [key, text] of own) settings.set(key, { text, from: context.prefix + key });
  const draft: Draft = { context, place: placeOf(kind), kind, settings, names: { added: [], sources: [] }, say };
  for (const vocabulary of context.vocabularies) readVocabulary(annotations, vocabulary, draft);
  const added = [...settings].flatMap(([key, { text }]) => {
    return own.has(key) ? [] : [Object.freeze([context.prefix + key, text] as const)];
  });
  return { annotations: Object.freeze([...annotations, ...added]), names: draft.names, remarks };
}

function placeOf(kind: Kind): Place {
  if (kind === 'Gateway') return 'Gateway';
  return kind === 'ListenerSet' || kind === 'XListenerSet' ? 'ListenerSet' : 'Route';
}

/** Every setting of ours on the object, also one whose value is not valid: that it is wrong is said elsewhere. */
function ownSettings(annotations: AnnotationList, prefix: string): Map<SettingKey, string | undefined> {
  const own = new Map<SettingKey, string | undefined>();
  for (const [key, text] of annotations) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (isSettingKey(name)) own.set(name, text);
  }
  return own;
}

function readVocabulary(annotations: AnnotationList, vocabulary: Vocabulary, draft: Draft): void {
  const { entries, unlisted } = foreignEntries(annotations, vocabulary);
  const value = (key: string): string | undefined => entries.find((one) => one.key === key)?.text;
  const { prefix, clusterOf } = draft.context;
  const silence = vocabulary.silence(value);
  for (const entry of entries) {
    const said = `${vocabulary.prefix}${entry.key}`;
    if (silence !== undefined) draft.say('annotation-unneeded', `${said} is not read: ${silence}`);
    else readEntry(entry, said, { prefix, value, clusterOf }, vocabulary, draft);
  }
  if (unlisted.length > 0) sayUnlisted(vocabulary, unlisted, draft.say);
}

function readEntry(entry: ForeignEntry, name: string, beside: Beside, { system }: Vocabulary, draft: Draft): void {
  const { text, meaning } = entry;
  if (text === undefined) {
    draft.say('annotation-untranslated', `${name} is not a string or too long`, 'put a short value in quotes');
    return;
  }
  const said = `${name}: ${quote(text)}`;
  const reading = meaning.read(text, beside);
  if (reading.kind === 'unneeded') draft.say('annotation-unneeded', `${said} needs nothing here: ${reading.why}`);
  else if (reading.kind === 'untranslated') {
    draft.say('annotation-untranslated', `${said} is not translated: ${reading.why}`, reading.suggestion);
  } else if (!meaning.on.includes(draft.place)) {
    const message = `${said} is not translated: ${system} has it on a ${meaning.on.join(' or ')}, not on a ${draft.kind}`;
    draft.say('annotation-untranslated', message, `set ours (${meaning.ours.replaceAll('`', '')}) where it is meant`);
  } else if (reading.kind === 'settings') takeSettings(said, name, reading, draft);
  else noteNames(draft.names, said, reading);
}

/** Takes what the object has not said yet, and says what was taken and what not. */
function takeSettings(
  said: string,
  name: string,
  reading: Reading & { readonly kind: 'settings' },
  draft: Draft,
): void {
  const { context, settings, say } = draft;
  const taken: (readonly [key: string, text: string])[] = [];
  let other: string | undefined;
  for (const [key, text] of reading.settings) {
    const ours = context.prefix + key;
    const known = settings.get(key);
    if (known === undefined) {
      settings.set(key, { text, from: name });
      taken.push([ours, text]);
    } else if (known.text === text) other = known.from;
    else say('annotation-unneeded', `${said} would be ${ours}: ${text}, but ${known.from} of the same object holds`);
  }
  if (taken.length > 0) {
    const note = reading.note === undefined ? '' : ` (${reading.note})`;
    const message = `${said} is read as ${taken.map((one) => one.join(': ')).join(' and ')}${note}`;
    // In quotes: Kubernetes takes no numbers as values of annotations.
    const written = taken.map(([key, text]) => `${key}: ${quote(text)}`);
    say('annotation-translated', message, `write ${written.join(' and ')} instead`);
  } else if (other !== undefined) say('annotation-unneeded', `${said} says what ${other} already says`);
}
