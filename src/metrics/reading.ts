import type { Finding } from '../core/desired/finding.ts';
import type { MonitorId } from '../core/desired/model.ts';
import type { DnsCounts, DnsListener } from '../core/dns-ports.ts';
import type { Drill } from '../core/drill/drill.ts';
import type { BreakerView } from '../core/health/breaker-terms.ts';
import type { GaugeStanding } from '../core/health/external-gauge.ts';
import type { MonitorHealth } from '../core/health/monitor-health.ts';
import type { Overrides } from '../core/orders/override.ts';
import type { ClusterView, ReadinessItem, ViewAge } from '../core/ports.ts';
import type { RolloutStanding } from '../core/rollout/rollout-book.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import type { ExpectedShares } from './expected.ts';
import type { FlipCounts } from './flips.ts';
import type { GatewaySummary } from './gateways.ts';
import type { ServiceSummary } from './service.ts';
import type { TeamSummary } from './teams.ts';

/** One series of a metric at the time of a scrape. */
export type Series = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** What this build is. */
export type BuildInfo = { readonly version: string; readonly engine: string };

/** All that a scrape reads, read once: the page shows one moment. */
export type Reading = {
  readonly build: BuildInfo;
  readonly snapshot: Snapshot;
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  /** Of Prometheus servers. */
  readonly numbers: ReadonlyMap<MonitorId, GaugeStanding>;
  readonly overrides: Overrides;
  readonly breaker: BreakerView;
  readonly rollouts: readonly RolloutStanding[];
  readonly drills: readonly Drill[];
  readonly findings: readonly Finding[];
  readonly readiness: readonly ReadinessItem[];
  readonly views: readonly ViewAge[];
  /** Of the live clusters. */
  readonly clusterViews: readonly ClusterView[];
  /** Ms since the epoch. */
  readonly now: number;
  readonly dns: DnsCounts;
  readonly listeners: readonly DnsListener[];
  /** Datagrams that the system dropped before us, by the listener's label. */
  readonly queueDrops: ReadonlyMap<string, number>;
  readonly gateways: readonly GatewaySummary[];
  readonly teams: readonly TeamSummary[];
  readonly service: ServiceSummary;
  readonly flips: FlipCounts;
  /** Undefined while it is not known what is asked. */
  readonly expected: ExpectedShares | undefined;
};

/** One series with this value. */
export function series(value: number, labels: Readonly<Record<string, string>> = {}): Series {
  return { labels, value };
}

/** 1 for yes. */
export function bool(value: boolean): number {
  return value ? 1 : 0;
}
