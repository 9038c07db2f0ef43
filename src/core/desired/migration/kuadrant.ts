import { type ForeignKey, NEVER_SILENT, setting, untranslated, type Vocabulary } from './vocabulary.ts';

/** Labels of a Gateway by which Kuadrant balances; they are read as annotations or labels. */
const KEYS: readonly ForeignKey[] = [
  {
    key: 'lb-attribute-geo-code',
    on: ['Gateway'],
    ours: '`steering: nearest`',
    notes: "no fence: Kuadrant's default geo takes the clients of all other places; set `serves` where one is wanted",
    read: (_text, { prefix }) => setting([['steering', 'nearest']], `no fence; ${prefix}serves would make one`),
  },
  {
    key: 'lb-attribute-custom-weight',
    on: ['Gateway'],
    ours: 'nothing',
    notes: 'it names an entry of `loadBalancing.weighted.custom` of the DNSPolicy: the number stands there',
    read: (_text, { prefix }) =>
      untranslated(
        'the number stands in the DNSPolicy',
        `set ${prefix}steering: weighted, and ${prefix}weight to that number`,
      ),
  },
];

/** The vocabulary of Kuadrant. Its prefix is on much else that Kuadrant writes for itself. */
export const KUADRANT: Vocabulary = {
  system: 'kuadrant',
  prefix: 'kuadrant.io/',
  keys: KEYS,
  unlisted: 'foreign',
  silence: NEVER_SILENT,
};
