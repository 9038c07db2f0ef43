import type { Setting, SettingValues } from './annotations/setting.ts';
import type { MonitorId, NamedMonitor, ProbeDefaults } from './model.ts';
import { monitorOf, type Watch, type Watched, watchOf } from './monitors.ts';
import { allOf, combined, type MonitorTree, namedTree, probeTree } from './named-monitors.ts';
import { choose, type Say } from './precedence.ts';

type Spec = Extract<Watch, { kind: 'by-host' }>['spec'];
type Need = SettingValues['probe-paths-need'];

/**
 * What must be up for an address to be up: its own probes and named monitors. `unchecked`: nothing. `shared`: the same
 * whatever the hostname. `by-host`: each hostname is probed by its own name, on each of the paths.
 */
export type Supervision =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'shared'; readonly tree: MonitorTree }
  | {
      readonly kind: 'by-host';
      readonly specs: readonly Spec[];
      readonly need: Need;
      readonly named: readonly MonitorTree[];
    };

/** What supervision follows from, beside the claims on an address. */
export type SupervisionContext = {
  readonly defaults: ProbeDefaults;
  /** The monitors of the configuration by name. */
  readonly named: ReadonlyMap<string, NamedMonitor>;
  /** The monitors that tell the loads of clusters, by cluster. */
  readonly loads: ReadonlyMap<string, MonitorId>;
};

/** Protocols whose probes ask for a path. */
const WITH_PATHS: readonly Spec['protocol'][] = ['http', 'https', 'h2'];

/** What the claims on an address ask to be watched. */
export function supervisionOf(
  watched: Watched,
  { defaults, named }: Pick<SupervisionContext, 'defaults' | 'named'>,
  say: Say,
): Supervision {
  const watch = watchOf(watched, defaults, say);
  const paths = choose('probe-paths', watched.sources, say);
  const need = choose('probe-paths-need', watched.sources, say);
  const wanted = choose('monitors', watched.sources, say)?.value ?? [];
  const others = wanted.flatMap((name) => named.get(name) ?? []).map(namedTree);
  if (watch.kind === 'by-host' && WITH_PATHS.includes(watch.spec.protocol)) {
    const { spec } = watch;
    const specs = paths === undefined ? [spec] : paths.value.map((path) => Object.freeze({ ...spec, path }));
    if (need !== undefined) checkNeed(need, specs.length, need.by.origin, say);
    return Object.freeze({ kind: 'by-host', specs, need: need?.value ?? 'all', named: others });
  }
  for (const lost of [paths, need]) {
    if (lost === undefined) continue;
    const key = lost === paths ? 'probe-paths' : 'probe-paths-need';
    const message = `${key} ${lost.text} has no effect: the probe is not one over HTTP`;
    say('policy-without-effect', lost.by.origin, message, 'set probe to a URL of http, https or h2, or leave it out');
  }
  if (watch.kind === 'by-host')
    return Object.freeze({ kind: 'by-host', specs: [watch.spec], need: 'all', named: others });
  const trees = watch.kind === 'shared' ? [probeTree(watch.monitor), ...others] : others;
  return Object.freeze(trees.length === 0 ? { kind: 'unchecked' } : { kind: 'shared', tree: allOf(trees) });
}

/** The monitors of an address for a hostname with this SNI and Host. */
export function treeFor({ specs, need, named }: Extract<Supervision, { kind: 'by-host' }>, host: string): MonitorTree {
  const own = combined(
    specs.map((spec) => probeTree(monitorOf(spec, host))),
    need,
  );
  return allOf([own, ...named]);
}

function checkNeed({ value, text }: Setting<Need>, paths: number, origin: Parameters<Say>[1], say: Say): void {
  if (typeof value !== 'number' || value <= paths) return;
  const message = `probe-paths-need ${text} is more than the ${paths} of probe-paths: all of them must be up`;
  say('policy-without-effect', origin, message, 'give more paths or a lower count');
}
