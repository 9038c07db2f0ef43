import { Type } from 'typebox';
import { isMapName, MAX_MAPS, MAX_RULES } from '../core/desired/maps/client-map.ts';
import { closed, path, text } from './schema-keys.ts';

const entries = (help: string) => {
  const entry = Type.Union([Type.String(), Type.Integer()], { expected: 'a text', help });
  return Type.Optional(Type.Array(entry, { minItems: 1, expected: 'a list' }));
};

const Rule = Type.Object(
  {
    cidr: entries('For clients in these networks.'),
    asn: entries('For clients of these AS numbers.'),
    country: entries('For clients in these ISO 3166 countries.'),
    subdivision: entries('For clients in these ISO 3166-2 subdivisions.'),
    clusters: Type.Array(text({ expected: 'a cluster name', help: 'Where to, in order; `*` is all others.' }), {
      minItems: 1,
      expected: 'a list of clusters',
    }),
  },
  { ...closed, expected: 'a rule such as { country: [CH], clusters: [eu-west] }' },
);

/** One entry of `maps`. Its rules are read as those of a file are: `parseRules` knows what the shape does not say. */
export const ClientMapEntry = Type.Object(
  {
    name: Type.Refine(
      Type.String({
        expected: 'a name of at most 63 lower-case letters, digits and hyphens, but "none"',
        help: 'Name of the map, as annotations and zones call it.',
      }),
      isMapName,
    ),
    file: Type.Optional(path({ help: 'File with the `rules` of the map, read again when it changes.' })),
    rules: Type.Optional(
      Type.Array(Rule, { minItems: 1, maxItems: MAX_RULES, expected: `a list of 1 to ${MAX_RULES} rules` }),
    ),
  },
  { ...closed, help: 'Custom maps of clients to clusters (docs/maps.md).' },
);

/** `maps`. */
export const ClientMaps = Type.Array(ClientMapEntry, {
  default: [],
  maxItems: MAX_MAPS,
  expected: `a list of at most ${MAX_MAPS} maps`,
  help: 'Custom maps of clients to clusters (docs/maps.md).',
});
