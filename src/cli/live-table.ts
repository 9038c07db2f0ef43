import { createLogUpdate } from 'log-update';
import type { Azimuth } from '../compose/compose.ts';
import type { Endpoint } from '../core/desired/model.ts';
import type { DnsCounts } from '../core/dns-ports.ts';
import { causeOf } from '../core/health/calculated-cause.ts';
import { candidateOf, measuredState } from '../core/steering/candidate.ts';
import { type EndpointState, isUp } from '../core/steering/decision.ts';
import { bold, dim, paintState } from './colour.ts';
import { liveDrills } from './live-drills.ts';
import { liveOverrides } from './live-overrides.ts';
import { textTable } from './text-table.ts';

/** How often the table is drawn again, in ms. */
const REDRAW_MS = 500;
/** Shares are those of the answers of this many ms. */
const SHARE_WINDOW_MS = 10_000;
/** How many of the latest events stand below the table. */
const EVENTS_SHOWN = 8;

/** A table on the terminal that draws itself again until closed; `event` adds a line below it. */
export type LiveTable = { event(line: string): void; close(): void };

/** Draws cluster, gateway, state, last probe and share of answers of a running director. */
export function createLiveTable(azimuth: Azimuth): LiveTable {
  const draw = createLogUpdate(process.stdout);
  const shares = createShares(() => azimuth.counts());
  const events: string[] = [];
  const redraw = (): void => draw(`${table(azimuth, shares())}\n\n${events.join('\n')}\n`);
  const timer = setInterval(redraw, REDRAW_MS);
  redraw();
  return {
    event(line) {
      events.push(`${dim(new Date().toISOString().slice(11, 19))} ${line}`);
      if (events.length > EVENTS_SHOWN) events.shift();
    },
    close() {
      clearInterval(timer);
      redraw();
      draw.done();
    },
  };
}

function table(azimuth: Azimuth, shares: ReadonlyMap<string, number>): string {
  const head = ['cluster', 'gateway', 'state', 'last probe', 'share of answers'].map((word) => bold(word));
  const rows = gatewayRows(azimuth).map((row) => row.cells(shares.get(row.cluster)));
  const { director } = azimuth;
  const overrides = liveOverrides(director.overrides(), director.snapshot().now);
  const orders = [...overrides, ...liveDrills(director.drills.list())];
  return [textTable([head, ...rows]), ...(orders.length === 0 ? [] : ['', ...orders])].join('\n');
}

type GatewayRow = { readonly cluster: string; cells(share: number | undefined): readonly string[] };

function gatewayRows(azimuth: Azimuth): readonly GatewayRow[] {
  const { model } = azimuth.director.snapshot();
  const endpoints = model.hostnames.flatMap((hostname) => hostname.endpoints);
  const byGateway = Map.groupBy(endpoints, ({ cluster, gateway }) => `${cluster} ${gateway}`);
  const order = new Map(model.clusters.map(({ name }, index) => [name, index]));
  const groups = [...byGateway.values()].toSorted((a, b) => order.get(a[0]!.cluster)! - order.get(b[0]!.cluster)!);
  return groups.map((group) => {
    const { cluster, gateway } = group[0]!;
    const addresses = [...new Set(group.map(({ address }) => address))].join(', ');
    const state = gatewayState(azimuth, group);
    const probed = lastProbe(azimuth, group);
    return {
      cluster,
      cells: (share) => [cluster, `${gateway} ${dim(addresses)}`, state, probed, shareText(share)],
    };
  });
}

/** What steering goes by for a gateway, and what is measured where people ordered something else. */
function gatewayState(azimuth: Azimuth, group: readonly Endpoint[]): string {
  const health = azimuth.director.health();
  const { now } = azimuth.director.snapshot();
  const all = group.map((endpoint) => candidateOf(endpoint, health, now));
  const measured = stateOf(group.map((endpoint) => measuredState(endpoint, health)));
  const isOut = all.every(({ drain }) => drain === 'override');
  const effective = isOut ? 'drained' : stateOf(all.map(({ state }) => state));
  return paintState(effective) + (effective === measured ? '' : dim(` (measured ${measured})`));
}

/** One word: what they agree on, else how many are up. */
function stateOf(states: readonly EndpointState[]): string {
  const kinds = new Set(states);
  return kinds.size === 1 ? states[0]! : `${states.filter(isUp).length} of ${states.length} up`;
}

function lastProbe(azimuth: Azimuth, group: readonly Endpoint[]): string {
  const health = azimuth.director.health();
  const { calculated } = azimuth.director.snapshot().model;
  const results = group.flatMap(({ monitor }) => health.get(causeOf(monitor, health, calculated))?.last ?? []);
  const last = results.toSorted((a, b) => b.at - a.at)[0];
  if (last === undefined) return dim('none yet');
  const stale = group.some(({ monitor }) => health.get(monitor)?.freshness === 'stale')
    ? ` ${paintState('stale')}`
    : '';
  const ago = Math.max(0, Math.round((Date.now() - last.at) / 1000));
  const what = last.outcome.kind === 'success' ? `ok in ${Math.round(last.durationMs)} ms` : last.outcome.failure;
  return `${what}, ${ago} s ago${stale}`;
}

function shareText(share: number | undefined): string {
  return share === undefined ? dim('-') : `${(share * 100).toFixed(1)} %`;
}

type Sample = { readonly at: number; readonly clusters: ReadonlyMap<string, number> };

/** Shares of the answers by cluster within the window, from counters that only grow. */
function createShares(read: () => DnsCounts): () => ReadonlyMap<string, number> {
  const samples: Sample[] = [];
  return () => {
    const now: Sample = {
      at: Date.now(),
      clusters: new Map(read().clusters.map(({ cluster, count }) => [cluster, count])),
    };
    samples.push(now);
    while (samples.length > 1 && samples[0]!.at < now.at - SHARE_WINDOW_MS) samples.shift();
    const before = samples[0]!.clusters;
    const grown = [...now.clusters].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
    const total = grown.reduce((sum, [, count]) => sum + count, 0);
    return new Map(total === 0 ? [] : grown.map(([name, count]) => [name, count / total]));
  };
}
