/**
 * `lookup` against a resolver that is slow and plain: RFC 1034 §4.3.2 over maps of names, written without the table; and
 * the decisions in the table against steering itself.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Model, ZoneSpec } from '../../src/core/desired/model.ts';
import type { StaticRecord } from '../../src/core/desired/records.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import {
  a,
  ask,
  cname,
  drained as drainedIn,
  ds,
  endpoint,
  health,
  hostname,
  input,
  model,
  ns,
  PLACES,
  TYPE,
  zone,
} from '../unit/core/snapshot/build.ts';

const STEERED_ADDRESS = '203.0.113.1';
const TYPES = [TYPE.A, TYPE.AAAA, TYPE.NS, TYPE.DS, TYPE.SOA, TYPE.CNAME, TYPE.TXT] as const;
const NAME_OF = new Map<number, string>(Object.entries(TYPE).map(([name, type]) => [type, name]));

type Reference = {
  readonly outcome: string;
  readonly chain: readonly string[];
  readonly answer: string | undefined;
  readonly authority: string | undefined;
};
type Zone = { readonly apex: string; readonly records: readonly StaticRecord[] };

const labelsOf = (name: string): string[] => (name === '' ? [] : name.split('.'));
const isIn = (name: string, apex: string): boolean => apex === '' || name === apex || name.endsWith(`.${apex}`);
const ancestors = (name: string): string[] =>
  labelsOf(name)
    .map((_, i, all) => all.slice(i).join('.'))
    .concat('');

/** Everything that a zone holds, as the RFCs would have it after the nonsense is taken out. */
function contentsOf(zones: readonly ZoneSpec[], hostnames: readonly string[]): readonly Zone[] {
  const apexes = zones.map(({ apex }) => apex);
  const home = (name: string) => apexes.filter((apex) => isIn(name, apex)).toSorted((x, y) => y.length - x.length)[0];
  return zones.map(({ apex, records }) => {
    const above = apexes.filter((other) => other !== apex && isIn(apex, other));
    const parents = zones.filter((other) => other.apex === above.toSorted((x, y) => y.length - x.length)[0]);
    const fromParent = parents.flatMap((parent) =>
      parent.records.filter((r) => r.data.type === 'DS' && r.owner === apex),
    );
    const server = apex === '' ? 'ns1' : `ns1.${apex}`;
    const own = records.filter(({ owner, data }) => {
      if (home(owner) !== apex) return false;
      if (labelsOf(owner)[0] === '*' && (data.type === 'NS' || data.type === 'DS')) return false;
      return !(owner === apex && (data.type === 'DS' || data.type === 'CNAME'));
    });
    const glue = ['192.0.2.53', '2001:db8::53']
      .map((address) => a(server, address))
      .filter(({ data }) => home(server) === apex && !own.some((r) => r.owner === server && r.data.type === data.type));
    const all = [...own, ...glue, ...fromParent, ns(apex, server)];
    const aliases = new Set(all.filter((r) => r.data.type === 'CNAME').map((r) => r.owner));
    const cuts = new Set(all.filter((r) => r.data.type === 'NS' && r.owner !== apex).map((r) => r.owner));
    const isHidden = (name: string) =>
      ancestors(name)
        .slice(1)
        .some((up) => cuts.has(up) && isIn(up, apex));
    const visible = all.filter(({ owner, data }) => {
      if (isHidden(owner)) return false;
      if (cuts.has(owner)) return data.type === 'NS' || data.type === 'DS';
      return !aliases.has(owner) || data.type === 'CNAME';
    });
    const taken = new Set(visible.filter((r) => ['A', 'AAAA', 'CNAME'].includes(r.data.type)).map((r) => r.owner));
    const steered = hostnames.filter(
      (name) => home(name) === apex && !taken.has(name) && !cuts.has(name) && !isHidden(name),
    );
    // A child zone makes the names between its apex and ours exist, but for those below a cut.
    const children = apexes.filter(
      (child) => child !== apex && home(ancestors(child)[1] ?? '') === apex && isIn(child, apex) && !isHidden(child),
    );
    const extra = children.map((child) => ({ owner: child, ttl: 0, data: { type: 'TXT' as const, strings: [] } }));
    return { apex, records: [...visible, ...steered.map((name) => a(name, STEERED_ADDRESS)), ...extra] };
  });
}

/** RFC 1034 §4.3.2 with RFC 4592 for one name. */
function resolve(
  zones: readonly Zone[],
  name: string,
  type: number,
  chain: readonly string[] = [],
  used: readonly string[] = [],
): Reference {
  const holders = zones.filter(({ apex }) => isIn(name, apex)).toSorted((x, y) => y.apex.length - x.apex.length);
  const held = holders[0];
  if (held === undefined)
    return { outcome: chain.length > 0 ? 'answer' : 'refused', chain, answer: undefined, authority: undefined };
  if (type === TYPE.DS && name === held.apex && holders[1] !== undefined) {
    const parent = holders[1];
    const above = ancestors(name)
      .slice(1)
      .filter((up) => up !== parent.apex && isIn(up, parent.apex));
    const cut = above.filter((up) => parent.records.some((r) => r.owner === up && r.data.type === 'NS')).at(-1);
    if (cut !== undefined) return { outcome: 'referral', chain, answer: undefined, authority: cut };
    const has = held.records.some((r) => r.owner === name && r.data.type === 'DS');
    return has
      ? { outcome: 'answer', chain, answer: name, authority: undefined }
      : { outcome: 'nodata', chain, answer: undefined, authority: parent.apex };
  }
  const { apex, records } = held;
  const cut = ancestors(name)
    .filter((up) => isIn(up, apex) && up !== apex && records.some((r) => r.owner === up && r.data.type === 'NS'))
    .at(-1);
  if (cut !== undefined && !(cut === name && type === TYPE.DS))
    return { outcome: 'referral', chain, answer: undefined, authority: cut };
  const exists = (at: string): boolean => at === apex || records.some((r) => isIn(r.owner, at));
  let source = name;
  if (!exists(name)) {
    const encloser = ancestors(name).find((up) => isIn(up, apex) && exists(up))!;
    source = encloser === '' ? '*' : `*.${encloser}`;
    if (!exists(source)) return { outcome: 'nxdomain', chain, answer: undefined, authority: apex };
  }
  const here = records.filter((r) => r.owner === source && !(r.data.type === 'TXT' && r.data.strings.length === 0));
  const alias = here.find((r) => r.data.type === 'CNAME');
  if (alias?.data.type === 'CNAME' && type !== TYPE.CNAME) {
    const done = { outcome: 'answer', chain, answer: undefined, authority: undefined };
    if (used.includes(source) || chain.length === 8) return done;
    return resolve(zones, alias.data.target, type, [...chain, name], [...used, source]);
  }
  const isSoa = type === TYPE.SOA && source === apex;
  const found =
    isSoa || here.some((r) => r.data.type === NAME_OF.get(type) && !(r.data.type === 'DS' && r.owner === apex));
  return found
    ? { outcome: 'answer', chain, answer: name, authority: undefined }
    : { outcome: 'nodata', chain, answer: undefined, authority: apex };
}

/** The same of an answer of ours. */
function referenceOf(snapshot: Snapshot, name: string, type: number): Reference {
  const told = ask(snapshot, name, type);
  const aliases = type === TYPE.CNAME ? [] : told.answers.filter((one) => one.type === 'CNAME');
  const rest = told.answers.filter((one) => !aliases.includes(one));
  for (const one of rest) expect(one.type).toBe(NAME_OF.get(type));
  const authorities = [...new Set(told.authorities.map((one) => one.name))];
  expect(authorities.length).toBeLessThanOrEqual(1);
  expect(told.rcode).toBe(told.outcome === 'nxdomain' ? 3 : told.outcome === 'refused' ? 5 : 0);
  return {
    outcome: told.outcome,
    chain: aliases.map((one) => undotted(one.name)!),
    answer: undotted(rest[0]?.name),
    authority: undotted(authorities[0]),
  };
}

/** dns-packet writes the root as a dot. */
function undotted(name: string | undefined): string | undefined {
  return name === '.' ? '' : name;
}

const label = fc.constantFrom('a', 'b', '*');
const relative = fc.array(label, { maxLength: 4 }).map((labels) => labels.join('.'));
const apex = fc.constantFrom('z', 'z', 'a.z', 'b.a.z', 'y', '');
const under = fc
  .tuple(relative, fc.constantFrom('z', 'y', 'w'))
  .map((parts) => parts.filter((part) => part !== '').join('.'));

const record = fc.tuple(under, under, fc.integer({ min: 0, max: 7 })).map(([owner, target, kind]): StaticRecord => {
  if (kind <= 2) return a(owner, '192.0.2.9');
  if (kind === 3) return ns(owner, target);
  if (kind === 4) return ds(owner);
  return cname(owner, target);
});

const zones = fc
  .uniqueArray(fc.record({ apex, records: fc.array(record, { maxLength: 12 }) }), {
    selector: (one) => one.apex,
    minLength: 1,
    maxLength: 4,
  })
  .map((specs) =>
    specs.map(({ apex, records }) =>
      zone(
        apex,
        records.filter((r) => isIn(r.owner, apex)),
      ),
    ),
  );

describe('lookup', () => {
  it('agrees with RFC 1034 over maps', () => {
    const world = fc.record({
      zones,
      hostnames: fc.uniqueArray(under, { maxLength: 4 }),
      names: fc.array(under, { minLength: 8, maxLength: 8 }),
    });
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(world, ({ zones, hostnames, names }) => {
        const steered = hostnames.map((name) => hostname(name, {}, [endpoint('eu', STEERED_ADDRESS)]));
        const snapshot = compile(input(model(zones, steered)));
        const contents = contentsOf(zones, hostnames);
        const asked = new Set([
          ...names,
          ...zones.flatMap(({ apex, records }) => [apex, ...records.map((r) => r.owner)]),
        ]);
        for (const name of asked) {
          for (const type of TYPES) {
            const wanted = resolve(contents, name, type);
            expect(referenceOf(snapshot, name, type), `${name} ${NAME_OF.get(type)}`).toEqual(wanted);
            seen.set(wanted.outcome, (seen.get(wanted.outcome) ?? 0) + 1);
          }
        }
      }),
      { numRuns: 150 },
    );
    // Agreement on nothing would prove nothing.
    for (const outcome of ['answer', 'nodata', 'nxdomain', 'referral', 'refused'])
      expect(seen.get(outcome)).toBeGreaterThan(100);
  });

  it('writes neither behind the limit nor anything torn, whatever the limit', () => {
    fc.assert(
      fc.property(zones, under, fc.constantFrom(...TYPES, TYPE.ANY), fc.nat(300), (zones, name, type, limit) => {
        const snapshot = compile(input(model(zones, [hostname('a.z', {}, [endpoint('eu', STEERED_ADDRESS)])])));
        const told = ask(snapshot, name, type, { limit });
        if (told.truncated) expect(told.answers.length + told.authorities.length + told.additionals.length).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('decisions', () => {
  const states = fc.constantFrom('up', 'up', 'degraded', 'held', 'down', 'unseen');
  const cluster = fc.constantFrom('c0', 'c1', 'c2', 'c3');
  const end = fc.record({
    cluster,
    host: fc.integer({ min: 1, max: 9 }),
    weight: fc.constantFrom(0, 20, 80),
    tier: fc.constantFrom(0, 1),
    bias: fc.constantFrom(0, 5000),
    where: fc.constantFrom('frankfurt', 'virginia', 'tokyo'),
    european: fc.boolean(),
    six: fc.boolean(),
  });
  const named = fc.record({
    steering: fc.constantFrom('nearest', 'weighted', 'failover', 'multivalue'),
    sticky: fc.constantFrom('none', 'none', 'subnet'),
    nearestBand: fc.constantFrom(0, 0, 2_000, 7_000),
    answers: fc.integer({ min: 1, max: 4 }),
    division: fc.constantFrom(undefined, undefined, 0, 25, 100),
    resident: fc.boolean(),
    lastResort: fc.oneof(
      fc.record({ kind: fc.constantFrom('all', 'last', 'none') }),
      fc.constant({ kind: 'addresses' as const, addresses: ['198.51.100.1', '2001:db8::1'] }),
    ),
    ends: fc.uniqueArray(end, { maxLength: 6, selector: ({ cluster, host }) => `${cluster} ${host}` }),
  });
  const health4 = fc.record({ c0: states, c1: states, c2: states, c3: states });

  it('in the table are those of steering, through any run of changes', () => {
    const EUROPE = { continents: ['EU'], countries: [] };
    const world = fc.array(named, { minLength: 1, maxLength: 4 }).map((all): Model => {
      const hostnames = all.map(({ ends, resident, division: percent, ...policy }, index) => {
        const rollout = { name: 'r', percent: percent ?? 0, from: ['c0', 'c1'], to: ['c2', 'c3'] };
        const division = percent === undefined ? {} : { rollout };
        const endpoints = ends.map(({ cluster, host, where, european, six, ...rest }) =>
          endpoint(cluster, six ? `2001:db8::${host}` : `192.0.2.${host}`, {
            ...rest,
            location: PLACES[where]!,
            ...(european ? { serves: EUROPE } : {}),
          }),
        );
        return hostname(
          `h${index}.z`,
          { ...policy, ...division, ...(resident ? { residency: EUROPE } : {}) },
          endpoints,
        );
      });
      return model([zone('z')], hostnames);
    });
    const change = fc.record({
      health: health4,
      since: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      seconds: fc.constantFrom(Number.POSITIVE_INFINITY, 7),
      drained: fc.subarray(['c0', 'c1']),
    });
    fc.assert(
      fc.property(
        world,
        fc.array(change, { minLength: 1, maxLength: 5 }),
        fc.nat(0xffffffff),
        (from, changes, dice) => {
          let last: Snapshot | undefined;
          for (const { health: of, since, seconds, drained } of changes) {
            const believed = [...health(of, { secondsToChange: seconds })].map(
              ([id, one], index) => [id, { ...one, since: since[index]! }] as const,
            );
            const now = input(drainedIn(from, drained), { health: new Map(believed) });
            last = compile(now, last);
            for (const { name } of from.hostnames) {
              for (const type of [TYPE.A, TYPE.AAAA]) {
                const subnet = { hash: dice, prefix: 24 };
                const tellings = [0, 1, 2, 3].map((place) =>
                  explain(last!, { name, type, place, prefix: 24, subnet, dice }),
                );
                for (const told of tellings) {
                  expect(told.agreement, name).toBe('same');
                  const allowed = told.candidates
                    .filter(({ chosen }) => chosen !== 'dropped')
                    .map(({ address }) => address);
                  if (told.reason === 'steered') expect(allowed).toEqual(expect.arrayContaining([...told.addresses]));
                }
              }
            }
            const fresh = compile(now).table.decisions;
            expect(last.table.decisions).toEqual(fresh);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
