import { asList, asText, at, field } from './untrusted.ts';

/** Most backends of one Route that are kept. */
const MAX_BACKENDS = 64;
/** Most certificates of one listener that are kept; Gateway API allows 64. */
const MAX_CERTIFICATES = 64;

/** Another object that one names. Group and kind are foreign text. */
export type Reference = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /**
   * Whether a ReferenceGrant must allow it. `settled`: it stays in its namespace, or the controller has said whether it is
   * allowed.
   */
  readonly grant: 'needed' | 'settled';
};

/** The group of ServiceImports. */
const MULTICLUSTER_GROUP = 'multicluster.x-k8s.io';

/** Whether a reference is to a Service of other clusters. */
export function isServiceImport({ group, kind }: Reference): boolean {
  return group === MULTICLUSTER_GROUP && kind === 'ServiceImport';
}

/**
 * The backends of a Route's rules, each once; undefined where none of them matters here: none is a ServiceImport, and none
 * lies in another namespace while the controller is silent.
 */
export function readBackends(rules: unknown, home: string, said: Reference['grant']): readonly Reference[] | undefined {
  let kept: Reference[] | undefined;
  const all: Reference[] = [];
  for (const rule of asList(rules)) {
    for (const one of asList(field(rule, 'backendRefs'))) {
      if (all.length === MAX_BACKENDS) break;
      const reference = readReference(one, home, 'Service', said);
      if (reference === undefined || all.some((known) => isSame(known, reference))) continue;
      all.push(reference);
      if (reference.grant === 'needed' || isServiceImport(reference)) kept = all;
    }
  }
  return kept && Object.freeze(kept);
}

/** The certificates of a listener that need a grant; undefined where there are none. */
export function readCertificates(
  listener: unknown,
  home: string,
  said: Reference['grant'],
): readonly Reference[] | undefined {
  const references = asList(at(listener, 'tls', 'certificateRefs'))
    .slice(0, MAX_CERTIFICATES)
    .flatMap((one) => readReference(one, home, 'Secret', said) ?? [])
    .filter((one) => one.grant === 'needed');
  return references.length === 0 ? undefined : Object.freeze(references);
}

function readReference(value: unknown, home: string, kind: string, said: Reference['grant']): Reference | undefined {
  const name = plain(field(value, 'name'));
  const reference = {
    group: plain(field(value, 'group') ?? '') ?? '?',
    kind: plain(field(value, 'kind') ?? kind) ?? '?',
    namespace: plain(field(value, 'namespace') ?? home) ?? '?',
  };
  if (name === undefined) return undefined;
  const grant = reference.namespace === home ? 'settled' : said;
  return Object.freeze({ ...reference, name, grant });
}

function isSame(a: Reference, b: Reference): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.kind === b.kind && a.group === b.group;
}

/** Names end up in messages. */
function plain(value: unknown): string | undefined {
  const text = asText(value);
  return text !== undefined && /^[\w.-]{0,253}$/.test(text) ? text : undefined;
}
