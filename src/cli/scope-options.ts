import { type Invocation, textOptions } from './command.ts';

/** The lists of a scope, and the options that fill them: `--cluster`, and `--except-cluster` for those that are not meant. */
const LISTS = { cluster: 'clusters', gateway: 'gateways', hostname: 'hostnames', team: 'teams' } as const;
const KINDS = ['cluster', 'gateway', 'hostname', 'team'] as const satisfies readonly (keyof typeof LISTS)[];
const MANY = { type: 'string', multiple: true } as const;

/** Options that say what an order is about. */
export const SCOPE_OPTIONS = Object.fromEntries(
  KINDS.flatMap((kind) => [[kind, MANY] as const, [`except-${kind}`, MANY] as const]),
);

/** The scope that the options name, as the API takes it. */
export function scopeOf(invocation: Invocation): object {
  const except = selectionOf(invocation, 'except-');
  return { ...selectionOf(invocation, ''), ...(Object.keys(except).length === 0 ? {} : { except }) };
}

function selectionOf(invocation: Invocation, prefix: '' | 'except-'): object {
  const lists = KINDS.map((kind) => [LISTS[kind], textOptions(invocation, prefix + kind)] as const);
  return Object.fromEntries(lists.filter(([, patterns]) => patterns.length > 0));
}
