/**
 * Values by namespace and name. Two levels, because the keys then are texts that the values hold anyway: a key
 * `namespace/name` of its own for each of a million objects would take 100 MB.
 */
export type Names<Value> = {
  get(namespace: string, name: string): Value | undefined;
  set(namespace: string, name: string, value: Value): void;
  /** Whether there was one. */
  delete(namespace: string, name: string): boolean;
  values(): Iterable<Value>;
  size(): number;
};

/** No values yet. */
export function createNames<Value>(): Names<Value> {
  const byNamespace = new Map<string, Map<string, Value>>();
  let size = 0;
  return {
    get: (namespace, name) => byNamespace.get(namespace)?.get(name),
    set(namespace, name, value) {
      let names = byNamespace.get(namespace);
      if (names === undefined) {
        names = new Map();
        byNamespace.set(namespace, names);
      }
      if (!names.has(name)) size += 1;
      names.set(name, value);
    },
    delete(namespace, name) {
      const names = byNamespace.get(namespace);
      if (names?.delete(name) !== true) return false;
      size -= 1;
      if (names.size === 0) byNamespace.delete(namespace);
      return true;
    },
    *values() {
      for (const names of byNamespace.values()) yield* names.values();
    },
    size: () => size,
  };
}
