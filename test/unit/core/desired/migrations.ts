import type { Finding } from '../../../../src/core/desired/finding.ts';
import { createMigrate } from '../../../../src/core/desired/migration/migrate.ts';
import { type Migration, SYSTEMS } from '../../../../src/core/desired/migration/systems.ts';
import type { Declaration } from '../../../../src/core/desired/model.ts';
import { declare, PREFIX, picture } from './pictures.ts';

/** Objects with annotations of other systems, and what becomes of them. Annotations are given with their prefix. */
export const NEW = 'external-dns.kubernetes.io/';
export const OLD = 'external-dns.alpha.kubernetes.io/';

/** `web/one`: an HTTPRoute of `web/edge` with the hostname shop.gslb.example, or a Gateway with one HTTP listener. */
export function annotated(
  kind: 'HTTPRoute' | 'Gateway',
  annotations: Readonly<Record<string, unknown>>,
  hostnames: readonly string[] = ['shop.gslb.example'],
  labels: Readonly<Record<string, unknown>> = {},
): unknown {
  const metadata = { name: 'one', namespace: 'web', annotations, labels };
  const route = { parentRefs: [{ name: 'edge' }], hostnames };
  const gateway = { gatewayClassName: 'any', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] };
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind, metadata, spec: kind === 'Gateway' ? gateway : route };
}

/** The declaration of `declare` that reads all systems, where nothing else is said. */
export function migrating(parts: Partial<Migration> = {}): Declaration {
  return { ...declare(), migration: { read: SYSTEMS, geotags: {}, ...parts } };
}

type Migrated = {
  /** Our annotations on the object, without prefix. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly hostnames: 'any' | readonly string[] | undefined;
  readonly findings: readonly Finding[];
  /** Whether the picture is the very same. */
  readonly same: boolean;
};

/** What becomes of the only object of a picture. */
export function migrated(object: unknown, parts: Partial<Migration> = {}): Migrated {
  const before = picture('eu', object);
  const after = createMigrate(migrating(parts))(before);
  const [only] = after.objects;
  if (only === undefined || after.objects.length !== 1) throw new Error('the object got lost');
  const ours = only.annotations.filter(([key]) => key.startsWith(PREFIX));
  return {
    settings: Object.fromEntries(ours.map(([key, text]) => [key.slice(PREFIX.length), text])),
    hostnames: 'parents' in only ? only.hostnames : undefined,
    findings: after.findings,
    same: before === after,
  };
}

/** The codes of findings, sorted. */
export function told(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code }) => code).toSorted();
}
