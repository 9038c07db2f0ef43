import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Monitor, MonitorId } from '../core/desired/model.ts';
import { withoutSecrets } from '../core/desired/secrets.ts';

/** Most targets on the page: each is some 14 series. Those behind, in the order of the model, are left out. */
const MAX_PROBE_TARGETS = 5_000;
/** Digits of the hash that tells apart targets whose URLs differ in what is not shown. */
const HASH_DIGITS = 6;

/** So many targets are named before others have their turn. */
const NAMED_IN_A_TURN = 50;

/** What the monitors of a model probe. */
export type ProbeTargets = {
  /** The monitors of each target on the page. */
  readonly shown: readonly (readonly Monitor[])[];
  /** Targets beyond the bound. */
  readonly leftOut: number;
};

const known = new WeakMap<readonly Monitor[], ProbeTargets>();
const named = new WeakMap<readonly Monitor[], Promise<ReadonlyMap<MonitorId, string>>>();

/**
 * The targets of monitors, whether they were probed yet or not. A list that was asked for before is not gone through again. They are
 * told apart by their URLs as they are: no secret is looked for here, which takes its time.
 */
export function targetsOf(monitors: readonly Monitor[]): ProbeTargets {
  const before = known.get(monitors);
  if (before !== undefined) return before;
  const shown = new Map<string, Monitor[]>();
  const others = new Set<string>();
  for (const monitor of monitors) {
    const url = urlOf(monitor, (path) => path);
    const same = shown.get(url);
    if (same !== undefined) same.push(monitor);
    else if (shown.size < MAX_PROBE_TARGETS) shown.set(url, [monitor]);
    else others.add(url);
  }
  const made = Object.freeze({ shown: [...shown.values()], leftOut: others.size });
  known.set(monitors, made);
  return made;
}

/** What those of the monitors that are on the page are known by, made once for a list, in turns with the rest of the process. */
export function targetNames(monitors: readonly Monitor[]): Promise<ReadonlyMap<MonitorId, string>> {
  const names = named.get(monitors) ?? nameTargets(targetsOf(monitors));
  named.set(monitors, names);
  return names;
}

async function nameTargets({ shown }: ProbeTargets): Promise<ReadonlyMap<MonitorId, string>> {
  const names = new Map<MonitorId, string>();
  for (const [at, same] of shown.entries()) {
    if (at > 0 && at % NAMED_IN_A_TURN === 0) await nextTurn();
    const [first] = same;
    const target = first === undefined ? '' : targetOf(first);
    for (const { id } of same) names.set(id, target);
  }
  return names;
}

/**
 * What people know a target by: the URL that is probed, and the address behind a `#`, since one name has an address in each
 * cluster. Bounded: host and path are. Values of the query and what looks like a secret are not in it.
 */
export function targetOf(monitor: Monitor): string {
  return urlOf(monitor, shownPath);
}

function urlOf({ protocol, host, address, port, path }: Monitor, written: (path: string) => string): string {
  const where = host === '' ? bracketed(address) : host;
  const behind = protocol === 'http' || protocol === 'https' || protocol === 'h2' ? written(path) : '';
  return `${protocol}://${where}:${port}${behind}${host === '' ? '' : `#${address}`}`;
}

function bracketed(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** Paths that cannot hold a secret: most do not, and there are thousands. */
const PLAIN_PATH = /^[a-z/.-]*$/;

/** Whoever may read the metrics is not thereby to know a token that is probed with: of a query the names are shown. */
function shownPath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  const [before = '', ...query] = path.split('?');
  const names = query.join('?').split('&').map(withoutValue).join('&');
  const shown = withoutSecrets(before) + (query.length === 0 ? '' : `?${names}`);
  return shown === path ? path : `${shown}~${hash('sha256', path).slice(0, HASH_DIGITS)}`;
}

/** What has no name is as good as a value. */
function withoutValue(parameter: string): string {
  const end = parameter.indexOf('=');
  if (parameter === '') return '';
  return end < 0 ? '…' : `${parameter.slice(0, end)}=…`;
}
