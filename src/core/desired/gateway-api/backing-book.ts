import type { BackingObject, ReferenceGrant, ServiceImport } from './backing.ts';
import { idOf } from './metadata.ts';
import { isServiceImport, type Reference } from './references.ts';

/** Who names another object. */
export type Referrer = { readonly group: string; readonly kind: string; readonly namespace: string };

/** What is known of the objects that others name. */
export type BackingBook = {
  /** Why a reference cannot be followed; undefined where nothing speaks against it. */
  problemOf(reference: Reference, referrer: Referrer): Problem | undefined;
};

/** `ResolvedRefs`: it must not be followed. `Backends`: it leads to nothing. */
export type Problem = { readonly condition: 'ResolvedRefs' | 'Backends'; readonly reason: string };

/** The book of one cluster. */
export function createBackingBook(objects: readonly BackingObject[]): BackingBook {
  const grants = new Map<string, ReferenceGrant[]>();
  const imports = new Map<string, ServiceImport>();
  const slices = new Map<string, 'some' | 'none'>();
  for (const object of objects) {
    if (object.kind === 'ReferenceGrant') {
      const ofNamespace = grants.get(object.namespace) ?? [];
      ofNamespace.push(object);
      grants.set(object.namespace, ofNamespace);
    } else if (object.kind === 'ServiceImport') imports.set(idOf(object), object);
    else {
      const key = idOf({ namespace: object.namespace, name: object.service });
      if (slices.get(key) !== 'some') slices.set(key, object.ready);
    }
  }
  const importProblem = (id: string): string | undefined => {
    const found = imports.get(id);
    // Without a single one, the cluster may well have some: they are not read there.
    if (found === undefined) return imports.size === 0 ? undefined : 'does not exist';
    if (found.state === 'unexported') return 'is exported by no cluster';
    if (found.state === 'unready') return 'is not Ready';
    return slices.get(id) === 'none' ? 'has no ready endpoint' : undefined;
  };
  return {
    problemOf(reference, referrer) {
      const id = idOf(reference);
      const isAllowed = (grant: ReferenceGrant): boolean => allows(grant, reference, referrer);
      if (reference.grant === 'needed' && !grants.get(reference.namespace)?.some(isAllowed)) {
        const reason = `no ReferenceGrant of namespace ${reference.namespace} allows ${reference.kind} ${id}`;
        return { condition: 'ResolvedRefs', reason };
      }
      if (!isServiceImport(reference)) return undefined;
      const problem = importProblem(id);
      return problem === undefined ? undefined : { condition: 'Backends', reason: `ServiceImport ${id} ${problem}` };
    },
  };
}

function allows({ from, to }: ReferenceGrant, reference: Reference, referrer: Referrer): boolean {
  const { group, kind, namespace } = referrer;
  return (
    from.some((one) => one.group === group && one.kind === kind && one.namespace === namespace) &&
    to.some((one) => {
      const isKind = one.group === reference.group && one.kind === reference.kind;
      return isKind && (one.name === undefined || one.name === reference.name);
    })
  );
}
