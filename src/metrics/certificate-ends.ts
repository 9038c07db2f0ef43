import type { CalculatedMonitor, MonitorId } from '../core/desired/model.ts';
import type { ProbeResult } from '../core/health/monitor-health.ts';

/** When the certificate ends that each monitor saw last, in ms since the epoch; of those that saw one. */
export type SeenEnds = ReadonlyMap<MonitorId, number>;

/**
 * What was last seen of certificates. A probe that saw none says nothing of them: a server that refuses connections has the
 * certificate that it had, and it may run out meanwhile.
 */
export type CertificateEnds = {
  take(result: Pick<ProbeResult, 'monitor' | 'sight'>): void;
  /** What other monitors saw is forgotten. */
  keep(monitors: readonly { readonly id: MonitorId }[]): void;
  /** Those of now. */
  read(): SeenEnds;
};

/** An empty book; it has no more entries than there are monitors. */
export function createCertificateEnds(): CertificateEnds {
  const ends = new Map<MonitorId, number>();
  return {
    take({ monitor, sight }) {
      if (sight?.certificateEndsAt !== undefined) ends.set(monitor, sight.certificateEndsAt);
    },
    keep(monitors) {
      const kept = new Set(monitors.map(({ id }) => id));
      for (const id of ends.keys()) if (!kept.has(id)) ends.delete(id);
    },
    read: () => ends,
  };
}

/** The same with calculated monitors, each by the first certificate to end of its members, whoever decides its state. */
export function withCalculated(ends: SeenEnds, calculated: readonly CalculatedMonitor[] | undefined): SeenEnds {
  if (calculated === undefined || calculated.length === 0) return ends;
  const all = new Map(ends);
  // Members come before those that they are members of.
  for (const { id, members } of calculated) {
    const first = members.reduce((end, member) => Math.min(end, all.get(member) ?? end), Number.POSITIVE_INFINITY);
    if (first !== Number.POSITIVE_INFINITY) all.set(id, first);
  }
  return all;
}
