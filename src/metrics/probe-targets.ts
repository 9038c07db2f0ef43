import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Monitor, MonitorId } from '../core/desired/model.ts';
import { withoutSecrets } from '../core/desired/secrets.ts';

/** Most targets on the page: each is some 14 series. Those behind, in the order of the model, are left out. */
const MAX_PROBE_TARGETS = 5_000;
/** Digits of the hash that tells apart targets whose URLs differ in what is not shown. */
const HASH_DIGITS = 6;

/** What the monitors of a model are known by. */
export type ProbeTargets = {
  /** Those on the page. */
  readonly of: ReadonlyMap<MonitorId, string>;
  /** Targets beyond the bound. */
  readonly leftOut: number;
};

const known = new WeakMap<readonly Monitor[], ProbeTargets>();

/** The targets of monitors, whether they were probed yet or not. A list that was asked for before is not gone through again. */
export function targetsOf(monitors: readonly Monitor[]): ProbeTargets {
  const before = known.get(monitors);
  if (before !== undefined) return before;
  const shown = new Set<string>();
  const others = new Set<string>();
  const of = new Map<MonitorId, string>();
  for (const monitor of monitors) {
    const target = targetOf(monitor);
    if (shown.size < MAX_PROBE_TARGETS) shown.add(target);
    if (shown.has(target)) of.set(monitor.id, target);
    else others.add(target);
  }
  const made = Object.freeze({ of, leftOut: others.size });
  known.set(monitors, made);
  return made;
}

/**
 * What people know a target by: the URL that is probed, and the address behind a `#`, since one name has an address in each
 * cluster. Bounded: host and path are. Values of the query and what looks like a secret are not in it.
 */
export function targetOf({ protocol, host, address, port, path }: Monitor): string {
  const where = host === '' ? bracketed(address) : host;
  const behind = protocol === 'http' || protocol === 'https' || protocol === 'h2' ? shownPath(path) : '';
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
