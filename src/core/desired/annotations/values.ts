import { type Address, parseAddress } from '../address.ts';
import type { Drain, LastResort, MinHealthy } from '../model.ts';

/** Most addresses of one Gateway, as Gateway API's `status.addresses` allows, or of one annotation. */
export const MAX_ADDRESSES = 16;
/** Most clusters named in one `failover` annotation. */
const MAX_FAILOVER_NAMES = 64;
/** Furthest that `bias` moves a cluster, and widest `nearest-band`, in kilometres: about half the Earth's circumference. */
const MAX_BIAS_KM = 20_000;
/** Most healthy endpoints that `min-healthy` can ask for. */
const MAX_MIN_HEALTHY = 65_535;

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Reads one of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): (text: string) => T | undefined {
  return (text) => words.find((word) => word === text);
}

/** Reads a decimal integer between two bounds, both included. */
export function integer(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    if (!/^\d{1,10}$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  };
}

/** Reads a duration (`500ms`, `10s`, `1.5m`, `1h`) between two bounds in milliseconds, both included. */
export function duration(minMs: number, maxMs: number): (text: string) => number | undefined {
  return (text) => {
    const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
    const factor = unit === 'ms' || unit === 's' || unit === 'm' || unit === 'h' ? MILLISECONDS[unit] : 0;
    const ms = Math.round(Number(amount) * factor);
    return ms >= minMs && ms <= maxMs ? ms : undefined;
  };
}

/** Reads signed kilometres: `-500`, `+200km`. */
export function kilometres(text: string): number | undefined {
  const digits = /^([+-]?\d{1,5}) ?(?:km)?$/.exec(text)?.[1];
  // Adding 0 turns -0 into 0, so that equal values are equal everywhere.
  const value = Number(digits ?? Number.NaN) + 0;
  return Math.abs(value) <= MAX_BIAS_KM ? value : undefined;
}

/** Reads kilometres that are not below 0: `100`, `100km`. */
export function distance(text: string): number | undefined {
  const value = kilometres(text);
  return value !== undefined && value >= 0 ? value : undefined;
}

/** Reads a count (`2`) or a fraction of all (`0.5`, `50%`). */
export function minHealthy(text: string): MinHealthy | undefined {
  const percent = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1];
  const fraction = percent === undefined ? /^\d\.\d{1,6}$/.exec(text)?.[0] : Number(percent) / 100;
  if (fraction !== undefined) {
    const value = Number(fraction);
    return value <= 1 ? { kind: 'fraction', value } : undefined;
  }
  const value = integer(0, MAX_MIN_HEALTHY)(text);
  return value === undefined ? undefined : { kind: 'count', value };
}

/** Reads `all`, `last`, `none` or a list of addresses. */
export function lastResort(text: string): LastResort | undefined {
  const kind = oneOf('all', 'last', 'none')(text);
  if (kind !== undefined) return { kind };
  const list = addresses(text);
  return list === undefined ? undefined : { kind: 'addresses', addresses: list.map((address) => address.text) };
}

/** Reads a list of IP addresses; an address that stands there twice counts once. */
export function addresses(text: string): readonly Address[] | undefined {
  const byText = new Map<string, Address>();
  const words = text.split(',');
  if (words.length > MAX_ADDRESSES) return undefined;
  for (const word of words) {
    const address = parseAddress(word.trim());
    if (address === undefined) return undefined;
    byText.set(address.text, address);
  }
  return [...byText.values()];
}

/** Reads cluster names in order, each counted once, with `*` for the rest. */
export function clusterOrder(text: string): readonly string[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  if (names.length > MAX_FAILOVER_NAMES || names.includes('')) return undefined;
  return [...new Set(names)];
}

/** Reads `true`, `false`, the RFC 3339 time at which the drain ends, or `from TIME`, `from TIME until TIME`. */
export function drain(text: string): Drain | undefined {
  if (text === 'true') return { kind: 'on' };
  if (text === 'false') return { kind: 'none' };
  const planned = /^from +(\S+)(?: +until +(\S+))?$/.exec(text);
  if (planned !== null) return plannedDrain(planned[1] ?? '', planned[2]);
  const at = timestamp(text);
  return at === undefined ? undefined : { kind: 'until', at };
}

function plannedDrain(first: string, last: string | undefined): Drain | undefined {
  const from = timestamp(first);
  if (last === undefined) return from === undefined ? undefined : { kind: 'planned', from };
  const until = timestamp(last);
  return from === undefined || until === undefined || until <= from ? undefined : { kind: 'planned', from, until };
}

/** RFC 3339 §5.6 date-time in ms since the epoch. `Date.parse` alone would take 30 February. */
export function timestamp(text: string): number | undefined {
  const match = /^([12]\d{3})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const daysInMonth = (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / 86_400_000;
  const offset = Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0);
  const valid =
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth && hour <= 23 && minute <= 59 && second <= 60;
  if (!valid || Number(match[8] ?? 0) > 23 || Number(match[9] ?? 0) > 59) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  return local - (match[7] === '-' ? -offset : offset) * 60_000;
}
