/** Names of namespaces with at most one `*`, which stands for any characters, or none. */
export type NamespaceGlob =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'glob'; readonly before: string; readonly after: string };

/** Reads a glob; undefined where no name of a namespace (RFC 1123 label) could fit it. */
export function parseGlob(text: string): NamespaceGlob | undefined {
  if (text.length > 63 || !/^[-a-z0-9]*\*?[-a-z0-9]*$/.test(text) || /^-|-$|^$/.test(text)) return undefined;
  const star = text.indexOf('*');
  if (star < 0) return { kind: 'name', name: text };
  return { kind: 'glob', before: text.slice(0, star), after: text.slice(star + 1) };
}

/** Whether a glob stands for a namespace. */
export function globFits(glob: NamespaceGlob, namespace: string): boolean {
  if (glob.kind === 'name') return glob.name === namespace;
  const { before, after } = glob;
  return namespace.length >= before.length + after.length && namespace.startsWith(before) && namespace.endsWith(after);
}

/** Whether some name fits both. */
export function globsMeet(a: NamespaceGlob, b: NamespaceGlob): boolean {
  if (a.kind === 'name') return globFits(b, a.name);
  if (b.kind === 'name') return globFits(a, b.name);
  // Between both ends there is room for whatever the other one wants.
  const begin = a.before.startsWith(b.before) || b.before.startsWith(a.before);
  return begin && (a.after.endsWith(b.after) || b.after.endsWith(a.after));
}
