import { asList, asText, entriesOf, field } from './untrusted.ts';

/** One demand on labels. */
type Requirement = {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
};

/** A Kubernetes label selector: all requirements must hold; none at all fits everything. */
export type LabelSelector = readonly Requirement[];

/** Reads a label selector; undefined where it is no valid one. */
export function parseSelector(value: unknown): LabelSelector | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const labels = entriesOf(field(value, 'matchLabels')).map(([key, wanted]) => {
    const text = asText(wanted);
    return text === undefined ? undefined : ({ key, operator: 'In', values: [text] } as const);
  });
  const requirements = [...labels, ...asList(field(value, 'matchExpressions')).map(parseRequirement)];
  return requirements.every((one) => one !== undefined) ? requirements : undefined;
}

/** Whether labels fulfil a selector. As in Kubernetes, `NotIn` also holds where the label is missing. */
export function fits(selector: LabelSelector, labels: ReadonlyMap<string, string>): boolean {
  return selector.every(({ key, operator, values }) => {
    const label = labels.get(key);
    if (operator === 'Exists' || operator === 'DoesNotExist') return (label !== undefined) === (operator === 'Exists');
    return (label !== undefined && values.includes(label)) === (operator === 'In');
  });
}

function parseRequirement(value: unknown): Requirement | undefined {
  const key = asText(field(value, 'key'));
  const operator = field(value, 'operator');
  const values = asList(field(value, 'values')).filter((one) => typeof one === 'string');
  if (key === undefined) return undefined;
  if (operator === 'Exists' || operator === 'DoesNotExist') return { key, operator, values };
  if (operator === 'In' || operator === 'NotIn') return values.length > 0 ? { key, operator, values } : undefined;
  return undefined;
}
