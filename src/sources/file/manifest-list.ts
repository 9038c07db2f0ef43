/** What a list says of its items: those of a `GatewayList` need not say their kind. `none`: it is no list. */
export type ListType = 'none' | 'plain' | { readonly apiVersion: unknown; readonly kind: string };

/** The type of a value of unknown shape as a list. */
export function listTypeOf(value: unknown): ListType {
  const kind = field(value, 'kind');
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(field(value, 'items'))) return 'none';
  return kind === 'List' ? 'plain' : { apiVersion: field(value, 'apiVersion'), kind: kind.slice(0, -'List'.length) };
}

/** Whether both say the same. */
export function isSameType(a: ListType, b: ListType): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.kind === b.kind && a.apiVersion === b.apiVersion;
}

/** An item with what its list says of it. */
export function typedItem(type: ListType, item: unknown): unknown {
  if (typeof type === 'string' || typeof item !== 'object' || item === null) return item;
  return { ...type, ...item };
}

/** An own property of a value of unknown shape. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;
}
