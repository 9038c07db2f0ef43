import type { Static } from 'typebox';
import type { Setting, SettingKey, Settings, SettingValues } from '../core/desired/annotations/setting.ts';
import { ANNOTATIONS } from '../core/desired/annotations/table.ts';
import { parseHostname } from '../core/desired/gateway-api/hostnames.ts';
import type {
  CalculatedMonitor,
  GaugeSpec,
  Monitor,
  NamedMonitor as Named,
  ProbeDefaults,
} from '../core/desired/model.ts';
import { idOfName } from '../core/desired/named-monitors.ts';
import { addressedProbe, namedProbeOf, sendsHost } from '../core/desired/named-probe.ts';
import type { Say } from '../core/desired/precedence.ts';
import { quote } from '../core/desired/quote.ts';
import { nearest } from '../core/desired/suggest.ts';
import type { Assembly } from './assembly.ts';
import { parseDuration } from './duration.ts';
import { inMemberOrder } from './member-order.ts';
import { loadOf } from './monitor-loads.ts';
import { type Complain, describeValue, type Path } from './problem.ts';
import { gaugeQueryOf } from './prometheus.ts';
import { NamedMonitor } from './schema-monitors.ts';
import { fitting } from './sections.ts';
import { isMapping } from './shape.ts';

type Entry = Static<typeof NamedMonitor>;

/** What a monitor is; one of them is to be given. */
const KINDS = ['all', 'any', 'at-least', 'not', 'probe', 'external', 'prometheus', 'load'] as const;
/** The keys that belong to a probe alone, and the annotations that they stand for. */
const OF_PROBES = {
  interval: 'probe-interval',
  timeout: 'probe-timeout',
  rise: 'probe-rise',
  fall: 'probe-fall',
  expect: 'probe-expect',
} as const satisfies Partial<Record<keyof Entry, SettingKey>>;

/** A monitor before its members are looked up. */
type Drafted = { readonly name: string; readonly path: Path } & (
  | { readonly kind: 'leaf'; readonly made: Named }
  | { readonly kind: CalculatedMonitor['kind']; readonly need: number; readonly members: readonly Member[] }
);
type Member = { readonly name: string; readonly path: Path };

/**
 * Makes the named monitors, as a part of the declaration: empty where there are none. Members come before those that they
 * are members of. Complains of names that are used twice or unknown, of circles, and of keys that do not go together.
 */
export function buildMonitors(
  list: unknown,
  defaults: ProbeDefaults,
  assembly: Assembly,
): { readonly monitors?: readonly Named[] } {
  const { complain } = assembly;
  const drafts = new Map<string, Drafted>();
  for (const [index, item] of Array.isArray(list) ? list.entries() : []) {
    const path = ['monitors', index];
    const entry = fitting(NamedMonitor, item);
    // What does not fit is left out of the entry, and was complained of.
    const isWhole = isMapping(item) && KINDS.every((key) => (item[key] === undefined) === (entry?.[key] === undefined));
    const draft = entry && isWhole ? draftOf(entry, path, defaults, assembly) : undefined;
    if (draft === undefined) continue;
    if (drafts.has(draft.name)) {
      const found = `${quote(draft.name)} again`;
      complain([...path, 'name'], { expected: 'a name of a monitor that is used once', found });
    } else drafts.set(draft.name, draft);
  }
  for (const draft of drafts.values()) checkMembers(draft, drafts, complain);
  checkLoads([...drafts.values()], complain);
  const order = inMemberOrder(drafts, (draft) => (draft.kind === 'leaf' ? [] : draft.members.map(({ name }) => name)));
  if (order.kind === 'circle') {
    const path = drafts.get(order.names[0] ?? '')?.path ?? ['monitors'];
    const found = [...order.names, order.names[0]].join(' → ');
    complain(path, { expected: 'a monitor that is not made of itself', found });
    return {};
  }
  const made = new Map<string, Named>();
  for (const draft of order.items) made.set(draft.name, settled(draft, made));
  return made.size === 0 ? {} : { monitors: [...made.values()] };
}

function draftOf(entry: Entry, path: Path, defaults: ProbeDefaults, assembly: Assembly): Drafted | undefined {
  const { complain } = assembly;
  const { name } = entry;
  const given = KINDS.filter((key) => entry[key] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.map(quote).join(' and ');
    complain(path, { expected: `one of ${KINDS.join(', ')}`, found });
    return undefined;
  }
  if (entry.probe !== undefined) {
    const monitor = probeOf(entry, path, defaults, assembly);
    return monitor && { name, path, kind: 'leaf', made: { name, id: monitor.id, source: { kind: 'probe', monitor } } };
  }
  for (const key of ['host', ...Object.keys(OF_PROBES)]) {
    if (Object.hasOwn(entry, key)) complain([...path, key], { expected: 'a probe, which alone has it', found: 'none' });
  }
  if (entry.cluster !== undefined && entry.load === undefined) {
    complain([...path, 'cluster'], { expected: 'a load, which alone has it', found: 'none' });
  }
  if (entry.external !== undefined) {
    const { expires, 'when-expired': whenExpired } = entry.external;
    const source = { kind: 'external', expiresMs: parseDuration(expires) ?? 0, whenExpired } as const;
    return { name, path, kind: 'leaf', made: { name, id: idOfName(name), source } };
  }
  if (entry.load !== undefined) {
    const made = loadOf(entry, path, assembly);
    return made && { name, path, kind: 'leaf', made };
  }
  if (entry.prometheus !== undefined) {
    const source = { kind: 'prometheus', gauge: gaugeOf(entry.prometheus, [...path, 'prometheus'], assembly) } as const;
    return { name, path, kind: 'leaf', made: { name, id: idOfName(name), source } };
  }
  return { name, path, ...calculationOf(entry, path, complain) };
}

function calculationOf(entry: Entry, path: Path, complain: Complain) {
  const membersAt = (names: readonly string[], ...keys: readonly string[]): readonly Member[] => {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) < index) {
        complain([...path, ...keys, index], { expected: 'each monitor once', found: `${quote(name)} again` });
      }
    }
    return names.map((name, index) => ({ name, path: [...path, ...keys, index] }));
  };
  if (entry.not !== undefined) {
    return { kind: 'not', need: 1, members: [{ name: entry.not, path: [...path, 'not'] }] } as const;
  }
  if (entry.all !== undefined) {
    return { kind: 'all', need: entry.all.length, members: membersAt(entry.all, 'all') } as const;
  }
  if (entry.any !== undefined) return { kind: 'any', need: 1, members: membersAt(entry.any, 'any') } as const;
  const { count = 1, of = [] } = entry['at-least'] ?? {};
  if (count > of.length) {
    const expected = `a count of at most the number of monitors, ${of.length}`;
    complain([...path, 'at-least', 'count'], { expected, found: describeValue(count) });
  }
  return { kind: 'at-least', need: count, members: membersAt(of, 'at-least', 'of') } as const;
}

function gaugeOf(entry: NonNullable<Entry['prometheus']>, path: Path, assembly: Assembly): GaugeSpec {
  const { above, below, for: runs, means } = entry;
  if ((above === undefined) === (below === undefined)) {
    const found = above === undefined ? 'none of them' : 'both';
    assembly.complain(path, { expected: 'either above or below', found });
  }
  const threshold = above === undefined ? { below: below ?? 0 } : { above };
  return { ...gaugeQueryOf(entry, path, assembly), ...threshold, runs, means };
}

function probeOf(entry: Entry, path: Path, defaults: ProbeDefaults, assembly: Assembly): Monitor | undefined {
  const { complain, originOf } = assembly;
  const addressed = addressedProbe(entry.probe ?? '');
  if (addressed === undefined) {
    const expected =
      'a probe of an IP address and a port like "https://192.0.2.10:443/cart" or "tcp://[2001:db8::1]:443"';
    complain([...path, 'probe'], { expected, found: describeValue(entry.probe) });
    return undefined;
  }
  const host = parseHostname(entry.host ?? '');
  const isNeeded = sendsHost(addressed.target);
  if (isNeeded ? host === undefined || host.startsWith('*') : entry.host !== undefined) {
    const expected = isNeeded ? 'the hostname that is asked for' : `no host: ${addressed.target.protocol} sends none`;
    complain([...path, 'host'], { expected, found: describeValue(entry.host) });
    return undefined;
  }
  const say: Say = (_code, _origin, message, suggestion) => {
    complain(path, { expected: 'settings that go together', found: message, ...(suggestion && { suggestion }) });
  };
  const origin = originOf(path);
  return namedProbeOf(
    { ...addressed, name: entry.name, host: host ?? '', settings: settingsOf(entry), origin },
    defaults,
    say,
  );
}

function settingsOf(entry: Entry): Settings {
  const settings: { -readonly [K in SettingKey]?: Setting<SettingValues[K]> } = {};
  const set = <K extends SettingKey>(
    into: { [P in K]?: Setting<SettingValues[P]> },
    key: K,
    given: string | number | undefined,
  ): void => {
    const text = String(given);
    const value = given === undefined ? undefined : ANNOTATIONS[key].parse(text);
    if (value !== undefined) into[key] = { value, text };
  };
  set(settings, OF_PROBES.interval, entry.interval);
  set(settings, OF_PROBES.timeout, entry.timeout);
  set(settings, OF_PROBES.rise, entry.rise);
  set(settings, OF_PROBES.fall, entry.fall);
  set(settings, OF_PROBES.expect, entry.expect);
  return settings;
}

function checkMembers(draft: Drafted, known: ReadonlyMap<string, Drafted>, complain: Complain): void {
  if (draft.kind === 'leaf') return;
  for (const { name, path } of draft.members) {
    const member = known.get(name);
    if (member?.kind === 'leaf' && member.made.source.kind === 'load') {
      complain(path, { expected: 'a monitor that can be up or down', found: `${quote(name)}, which tells a load` });
    }
    if (member !== undefined) continue;
    const near = nearest(name, known.keys());
    const suggestion = near === undefined ? {} : { suggestion: `did you mean ${quote(near)}?` };
    complain(path, { expected: 'the name of a monitor', found: quote(name), ...suggestion });
  }
}

/** Two loads of one cluster would each say how much it sheds. */
function checkLoads(drafts: readonly Drafted[], complain: Complain): void {
  const known = new Set<string>();
  for (const draft of drafts) {
    if (draft.kind !== 'leaf' || draft.made.source.kind !== 'load') continue;
    const { cluster } = draft.made.source;
    const found = `${quote(cluster)} again`;
    if (known.has(cluster)) complain([...draft.path, 'cluster'], { expected: 'one load of each cluster', found });
    known.add(cluster);
  }
}

function settled(draft: Drafted, made: ReadonlyMap<string, Named>): Named {
  if (draft.kind === 'leaf') return draft.made;
  const { name, kind, need } = draft;
  const id = idOfName(name);
  const members = draft.members.flatMap((member) => made.get(member.name)?.id ?? []);
  return { name, id, source: { kind: 'calculated', monitor: { id, kind, need, members } } };
}
