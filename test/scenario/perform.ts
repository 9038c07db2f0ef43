import { expect } from 'vitest';
import { specOf } from '../../src/admin/drill-body.ts';
import { viewOverrides } from '../../src/admin/views/override-view.ts';
import { ROLLOUT_ORDERS } from '../../src/core/rollout/rollout.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import { placeOfAddress } from '../../src/core/snapshot/place-trie.ts';
import { ask } from './ask.ts';
import type { ScenarioDirector } from './scenario-director.ts';
import type { Step } from './transcript.ts';

type Act = (step: Step, director: ScenarioDirector, where: string) => Promise<void> | void;

/** How far a share may be from the transcript's, in percentage points. */
const SHARE_TOLERANCE = 1;

/** A time such as `7s`. */
function secondsOf(text: string): number {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(text) ?? [];
  if (seconds === undefined) throw new Error(`"${text}" is no time in seconds, such as 7s`);
  return Number(seconds);
}

/** A drill as the admin API takes it, in JSON, without its name and its reason. */
const DRILL = {
  parse: (json: string, name: string, now: number) => specOf({ ...JSON.parse(json), name, reason: 'scenario' }, now),
};

/** The commands, as `test/scenario/README.md` lists them. */
const ACTS: Readonly<Record<string, Act>> = {
  config: ({ block }, director) => director.write('azimuth.yaml', block.join('\n')),
  file: ({ words, block }, director) => director.write(words[1]!, `${block.join('\n')}\n`),
  delete: ({ words }, director) => director.remove(words[1]!),
  start: (_step, director) => director.start(),
  restart: (_step, director) => director.restart(),
  pass: ({ words }, director) => director.clock.advance(secondsOf(words[1]!) * 1000),
  kill: ({ words }, director) => director.kill(words[1]!),
  revive: ({ words }, director) => director.revive(words[1]!),
  slow: ({ words }, director) => director.slow(words[1]!, Number.parseFloat(words[2]!)),
  blind: ({ words }, director) => director.blind(words[1]!, 'fail'),
  unblind: ({ words }, director) => director.blind(words[1]!, 'work'),
  wall: ({ words }, { clock }) => clock.setWall(clock.now() + Number.parseFloat(words[1]!) * 3_600_000),
  failback: ({ words, block }, director, where) => {
    const outcome = director.azimuth().director.failback({ cluster: words[1]! });
    expect(['code' in outcome ? outcome.code : `${outcome.length} released`], where).toEqual(block);
  },
  push: ({ words }, director, where) => {
    const state = (['up', 'degraded', 'down'] as const).find((each) => each === words[2])!;
    const outcome = director.azimuth().director.push({ name: words[1]!, state, reason: '', by: 'scenario' });
    expect('code' in outcome, where).toBe(false);
  },
  number: ({ words }, director) => director.number(words[1]!, words[2] === 'none' ? undefined : Number(words[2])),
  certificate: ({ words }, director) => director.certify(words[1]!, Number.parseFloat(words[2]!)),
  load: ({ words }, director, where) => {
    const outcome = director.azimuth().director.push({ name: words[1]!, rate: Number(words[2]), by: 'scenario' });
    expect('code' in outcome, where).toBe(false);
  },
  rollout: async ({ words, block }, director, where) => {
    const [, order = '', name = ''] = words;
    const { rollouts } = director.azimuth().director;
    const outcome =
      order === 'start'
        ? await rollouts.start(JSON.parse(block.slice(1).join('\n')), 'scenario')
        : await rollouts.order(name, ROLLOUT_ORDERS.find((each) => each === order)!, 'scenario');
    expect(outcome === 'done' ? 'done' : outcome.code, where).toBe(block[0]);
  },
  rollouts: ({ block }, director, where) => {
    const told = director.azimuth().director.rollouts.list();
    const lines = told.map(
      ({ rollout, percent }) => `${rollout.spec.name} ${rollout.state} ${percent}: ${rollout.why}`,
    );
    expect(lines, where).toEqual(block);
  },
  drill: async ({ words, block }, director, where) => {
    const [, order = '', name = '', mode] = words;
    const { drills } = director.azimuth().director;
    const start = () => {
      const body = DRILL.parse(block.slice(1).join('\n'), name, director.clock.now());
      return drills.start(body, 'scenario', mode === 'force' ? 'forced' : 'guarded');
    };
    const outcome = await (order === 'start'
      ? start()
      : order === 'stop'
        ? drills.stop(name, 'scenario')
        : drills.forget(name));
    expect(outcome === 'done' ? 'done' : outcome.code, where).toBe(block[0]);
  },
  drills: ({ block }, director, where) => {
    const told = director.azimuth().director.drills.list();
    const lines = told.map(({ spec, state, end }) => `${spec.name} ${state}${end ? `: ${end.kind}: ${end.why}` : ''}`);
    expect(lines, where).toEqual(block);
  },
  timeline: ({ words, block }, director, where) => {
    const drill = director
      .azimuth()
      .director.drills.list()
      .find(({ spec }) => spec.name === words[1]);
    expect(
      drill?.timeline.map(({ kind, detail }) => (kind === 'step' ? `step ${detail}` : kind)),
      where,
    ).toEqual(block);
  },
  probes: ({ words, block }, director, where) => expect([String(director.probes(words[1]!))], where).toEqual(block),
  resolve: ({ words }, director) => director.resolve(words[1]!, words.slice(2)),
  unresolve: ({ words }, director) => director.resolve(words[1]!, undefined),
  drain: async ({ words, block }, director, where) => {
    const order = { cluster: words[1]!, at: director.clock.now(), by: 'scenario', reason: 'scenario' };
    const mode = words[2] === 'force' ? 'forced' : 'guarded';
    const outcome = await director.azimuth().director.drain(order, mode);
    expect([outcome === 'done' ? 'done' : outcome.code], where).toEqual(block);
  },
  undrain: async ({ words, block }, director, where) => {
    const outcome = await director.azimuth().director.undrain(words[1]!);
    expect([outcome === 'done' ? 'done' : outcome.code], where).toEqual(block);
  },
  override: async ({ words, block }, director, where) => {
    const [, word, name = '', force] = words;
    const { orders } = director.azimuth().director;
    const at = director.clock.now();
    const put = (): ReturnType<typeof orders.put> => {
      const { from, for: length, ...rest } = JSON.parse(block.slice(1).join('\n'));
      const begin = from === undefined ? at : at + secondsOf(from) * 1000;
      const times = {
        ...(from === undefined ? {} : { from: begin }),
        ...(length === undefined ? {} : { until: begin + secondsOf(length) * 1000 }),
      };
      const order = { name, ...rest, at, ...times, by: 'scenario', reason: 'scenario' };
      return orders.put(order, force === 'force' ? 'forced' : 'guarded');
    };
    const outcome = await (word === 'put' ? put() : orders.clear(name));
    expect(outcome === 'done' ? 'done' : outcome.code, where).toBe(block[0]);
  },
  overrides: ({ block }, director, where) => {
    const { director: running } = director.azimuth();
    const told = viewOverrides(running, [...running.overrides().values()], director.clock.now());
    const lines = told.map(({ name, action, state, endpoints, hostnames, shadowedBy }) =>
      [name, action, state, `${endpoints}/${hostnames}`, ...shadowedBy.map((other) => `under ${other}`)].join(' '),
    );
    expect(lines.toSorted(), where).toEqual(block.toSorted());
  },
  places: (_step, director) => director.renewPlaces(),
  ask: ({ words, block }, director, where) => {
    const answer = ask(director.azimuth().responder, words[1]!, words[2]!, clientOf(words));
    const [head = '', ...records] = block;
    const [rcode, ...flags] = head.split(' ');
    expect(answer.rcode, where).toBe(rcode);
    const said = [answer.aa ? 'aa' : '', answer.tc ? 'tc' : '', `ttl ${answer.ttl}`, `scope ${answer.scope}`];
    for (const flag of pairs(flags)) expect(said, where).toContain(flag);
    expect(answer.records.toSorted(), where).toEqual(records.toSorted());
  },
  shares: (step, director, where) => expectShares(step, director, where, () => clientOf(step.words)),
  spread: (step, director, where) => expectShares(step, director, where, (i) => `10.${i >> 8}.${i & 255}.0/24`),
  breaker: ({ words, block }, director, where) => {
    const { director: running } = director.azimuth();
    if (words[1] === 'close') return expect([running.closeBreaker()], where).toEqual(block);
    const view = running.breaker();
    const cause = view.state === 'blind' ? ` ${view.cause}` : '';
    const controls = view.controls.map(({ target, state }) => `${target} ${state}`);
    return expect([`${view.state}${cause} withheld ${view.withheld}`, ...controls], where).toEqual(block);
  },
  findings: ({ block }, director, where) => {
    const found = director.azimuth().director.findings();
    const told = found.map(
      ({ code, origin }) => `${code} ${origin.file.replace(/^.*\/(?=clusters\/|azimuth\.yaml$)/, '')}:${origin.line}`,
    );
    expect([...new Set(told)].toSorted(), where).toEqual(block.toSorted());
  },
  reason: ({ words, block }, director, where) => {
    const snapshot = director.azimuth().director.snapshot();
    const [address = ''] = clientOf(words)?.split('/') ?? [];
    const client = placeOfAddress(snapshot.places, address) ?? { place: 0, prefix: 0 };
    const told = explain(snapshot, { name: words[1]!, type: 1, ...client, dice: 0 });
    expect([told.reason, told.agreement], where).toEqual([...block, 'same']);
  },
  state: ({ words, block }, director, where) => {
    const snapshot = director.azimuth().director.snapshot();
    const told = explain(snapshot, { name: words[1]!, type: 1, place: 0, prefix: 0, dice: 0 });
    const states = told.candidates.map(
      ({ cluster, address, state, measured, stateReason, freshness, pace, drain, sheds, unready }) =>
        [
          cluster,
          address,
          state,
          ...(measured === state ? [] : [`measured ${measured}`]),
          ...(stateReason ? [`(${stateReason})`] : []),
          ...(freshness === 'stale' ? ['stale'] : []),
          ...(pace === 'idle' ? ['idle'] : []),
          ...(drain === 'none' ? [] : ['drained']),
          ...(sheds === undefined ? [] : [sheds]),
          ...(unready ? ['unready'] : []),
        ].join(' '),
    );
    expect(states.toSorted(), where).toEqual(block.toSorted());
  },
};

/** Does what one step says and checks what it expects. */
export async function perform(step: Step, director: ScenarioDirector, file: string): Promise<void> {
  const where = `${file}:${step.line}: ${step.text}`;
  const act = ACTS[step.words[0]!];
  if (act === undefined) throw new Error(`${where}: unknown command`);
  await act(step, director, where);
}

/** Asks as often as the step says, each time as the client for that turn, and compares whom the answers name. */
function expectShares(
  { words, block }: Step,
  director: ScenarioDirector,
  where: string,
  clientFor: (turn: number) => string | undefined,
): void {
  const times = Number(words.find((word) => /^x\d+$/.test(word))!.slice(1));
  const counts = new Map<string, number>();
  for (let turn = 0; turn < times; turn++) {
    const { records } = ask(director.azimuth().responder, words[1]!, 'A', clientFor(turn));
    for (const record of records) counts.set(record.slice(2), (counts.get(record.slice(2)) ?? 0) + 1);
  }
  const wanted = block.map((line) => {
    const [address = '', percent = ''] = line.split(' ');
    return [address, percent] as const;
  });
  expect([...counts.keys()].toSorted(), where).toEqual(wanted.map(([address]) => address).toSorted());
  for (const [address, percent] of wanted) {
    const share = (counts.get(address)! / times) * 100;
    expect(Math.abs(share - Number(percent)), `${where}: ${address} got ${share} %`).toBeLessThanOrEqual(
      SHARE_TOLERANCE,
    );
  }
}

/** `from 192.0.2.1/24` → the client, or undefined. */
function clientOf(words: readonly string[]): string | undefined {
  const from = words.indexOf('from');
  return from < 0 ? undefined : words[from + 1];
}

/** `aa ttl 30 scope 25` → `aa`, `ttl 30`, `scope 25`. */
function pairs(words: readonly string[]): readonly string[] {
  return words.join(' ').match(/\w+ \d+|\w+/g) ?? [];
}
