import {
  CORE_SCHEMA,
  constructFromEvents,
  defineMappingTag,
  defineScalarTag,
  floatCoreTag,
  NOT_RESOLVED,
  parseEvents,
} from 'js-yaml';
import { refuseOdd } from './yaml-oddities.ts';

type Mapping = Record<string, unknown>;

/** As the exact reader's mappings; a key that is no text, such as `1`, is left to that reader. */
const TEXT_KEYS = defineMappingTag<Mapping>('tag:yaml.org,2002:map', {
  create: () => ({}),
  addPair(mapping, key, value) {
    if (typeof key !== 'string') return 'a key is no text';
    // Plain assignment would set the prototype.
    if (key === '__proto__') {
      Object.defineProperty(mapping, key, { value, enumerable: true, configurable: true, writable: true });
    } else mapping[key] = value;
    return '';
  },
  has: (mapping, key) => typeof key === 'string' && Object.hasOwn(mapping, key),
  keys: (mapping) => Object.keys(mapping),
  get: (mapping, key) => (typeof key === 'string' ? mapping[key] : undefined),
  identify: () => false,
});

/** The exact reader takes what is too large for a number as infinite, this one as a text: neither is meant. */
const FINITE = defineScalarTag<number>(floatCoreTag.tagName, {
  ...floatCoreTag,
  resolve(source, isExplicit, tagName) {
    const value = floatCoreTag.resolve(source, isExplicit, tagName);
    if (
      value === NOT_RESOLVED &&
      /^[-+]?[.\d][\d.]*(?:e[-+]?\d+)?$/i.test(source) &&
      !Number.isFinite(Number(source))
    ) {
      throw new Error('a number is too large');
    }
    return value;
  },
});

const SCHEMA = CORE_SCHEMA.withTags(TEXT_KEYS, FINITE);

/**
 * The value of one YAML document, fast. Throws on whatever is no YAML and on what this reader may understand otherwise
 * than the exact one does (`readManifest`): anchors, aliases, tags, keys that are no texts.
 */
export function yamlValue(document: string): unknown {
  const events = parseEvents(document, {});
  refuseOdd(document, events);
  const documents = constructFromEvents(events, { source: document, schema: SCHEMA, maxAliases: 0 });
  if (documents.length !== 1) throw new Error('not one document');
  return documents[0];
}
