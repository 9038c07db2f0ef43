import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { desire } from '../../../src/core/desired/desire.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import { finding } from '../../../src/core/desired/finding.ts';
import { readObject } from '../../../src/core/desired/gateway-api/objects.ts';
import { liveOrigin } from '../../../src/core/desired/live-origin.ts';
import type { Model } from '../../../src/core/desired/model.ts';
import { createFeedback, type Feedback, type FeedbackSettings } from '../../../src/feedback/feedback.ts';
import {
  EVENT_SERIES_MS,
  MAX_OBJECT_EVENTS,
  MAX_STATUS_INTERVAL_MS,
  REVIEW_MS,
  STRAY_MS,
  WRITE_INTERVAL_MS,
} from '../../../src/feedback/limits.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { declare, gateway, route } from '../core/desired/pictures.ts';
import { createScriptedWriter, type ScriptedWriter } from './scripted-writer.ts';

const START = Date.UTC(2026, 10, 26);
/** Longer than any look whether something is to be written takes to come. */
const A_WHILE = 40_000;
const HOUR = 3_600_000;
const ROUTE = 'HTTPRoute web/r';

let clock: ManualClock;
let writer: ScriptedWriter;
let feedback: Feedback;
let findings: readonly Finding[];

function begin(settings: Partial<FeedbackSettings> = {}): void {
  feedback = createFeedback({
    settings: { status: 'annotation', events: 'off', ...settings },
    writer,
    clock,
    jitter: () => 0,
    apexes: ['gslb.example'],
    onFindings: (found) => {
      findings = found;
    },
  });
}
/** The model of one Gateway and a Route for each list of hostnames, by its name. */
function modelOf(routes: Readonly<Record<string, readonly string[]>>, more: readonly Finding[] = []): Model {
  const values = [gateway('edge'), ...Object.entries(routes).map(([name, hostnames]) => route(name, hostnames))];
  const objects = values.flatMap((value) => {
    const read = readObject(value, liveOrigin('east'));
    return read.kind === 'object' ? [read.object] : [];
  });
  const model = desire(declare({ clusters: ['east'] }), [{ cluster: 'east', objects, findings: more }]);
  for (const { kind, namespace, name } of objects) {
    const key = `${kind} ${namespace}/${name}`;
    if (!writer.standing.has(key)) writer.standing.set(key, undefined);
  }
  return model;
}
const writesOf = (key: string): number => writer.annotated.filter((one) => one.startsWith(`${key}: `)).length;
const accepted = (...hostnames: readonly string[]): string => JSON.stringify({ state: 'accepted', hostnames });
const odd = (message: string, object = ROUTE): Finding =>
  finding('annotation-invalid', { ...liveOrigin('east'), object }, message, 'expected a number');

beforeEach(() => {
  clock = createManualClock(START);
  writer = createScriptedWriter();
  findings = [];
});
afterEach(() => {
  feedback.close();
  expect(clock.pending()).toBe(0);
});

describe('the status annotation', () => {
  test('is written once on Gateways and Routes, and not again while nothing changes', async () => {
    begin();
    feedback.onModel(modelOf({ r: ['b.gslb.example', 'a.gslb.example'] }));
    feedback.start();
    await clock.advance(REVIEW_MS + 10 * WRITE_INTERVAL_MS);
    const both = accepted('a.gslb.example', 'b.gslb.example');
    expect(writer.annotated).toEqual([`Gateway web/edge: ${both}`, `${ROUTE}: ${both}`]);
    await clock.advance(3 * HOUR);
    expect(writer.annotated).toHaveLength(2);
    expect(findings).toEqual([]);
  });

  test('is not written before the start, and not after the end', async () => {
    begin();
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    await clock.advance(A_WHILE);
    feedback.start();
    feedback.close();
    feedback.onModel(modelOf({ r: ['b.gslb.example'] }));
    await clock.advance(A_WHILE);
    expect(writer.annotated).toEqual([]);
  });

  test('follows the model: many changes within the time of a review are one write', async () => {
    begin();
    feedback.start();
    for (const name of ['a', 'b', 'c']) {
      feedback.onModel(modelOf({ r: [`${name}.gslb.example`] }));
      await clock.advance(REVIEW_MS / 4);
    }
    await clock.advance(A_WHILE);
    expect(writesOf(ROUTE)).toBe(1);
    expect(writer.standing.get(ROUTE)).toBe(accepted('c.gslb.example'));
    feedback.onModel(modelOf({ r: ['d.gslb.example'] }));
    await clock.advance(A_WHILE);
    expect(writer.standing.get(ROUTE)).toBe(accepted('d.gslb.example'));
  });

  test('is not written where another director wrote the same', async () => {
    begin();
    const model = modelOf({ r: ['a.gslb.example'] });
    for (const key of writer.standing.keys()) writer.standing.set(key, accepted('a.gslb.example'));
    feedback.onModel(model);
    feedback.start();
    await clock.advance(HOUR);
    expect(writer.annotated).toEqual([]);
  });

  test('that another director writes over again and again is written ever less often, and is a finding', async () => {
    begin();
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    feedback.start();
    const perHour: number[] = [];
    for (let hour = 0; hour < 12; hour++) {
      const before = writesOf(ROUTE);
      for (let second = 0; second < 3600; second += 5) {
        writer.standing.set(ROUTE, accepted('other.gslb.example'));
        await clock.advance(5000);
      }
      perHour.push(writesOf(ROUTE) - before);
    }
    expect(perHour[0]).toBeLessThan(12);
    expect(Math.max(...perHour.slice(2))).toBeLessThanOrEqual(1 + HOUR / MAX_STATUS_INTERVAL_MS);
    expect(findings.map(({ code }) => code)).toEqual(['feedback-contested']);
    expect(findings[0]?.message).toContain(ROUTE);
    await clock.advance(4 * HOUR);
    expect(findings, 'the other one gave up').toEqual([]);
  }, 60_000);

  test('goes where there is nothing to say any more, but not at once, and not what others say of their zones', async () => {
    begin();
    writer.standing.set('HTTPRoute web/theirs', accepted('a.example.net'));
    writer.standing.set('HTTPRoute web/strange', 'a note');
    writer.standing.set('HTTPRoute web/old', accepted('old.gslb.example'));
    feedback.onModel(modelOf({ r: ['a.gslb.example'], gone: ['b.gslb.example'] }));
    feedback.start();
    await clock.advance(STRAY_MS / 2);
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    await clock.advance(STRAY_MS - 10_000);
    expect(writer.standing.get('HTTPRoute web/gone')).toBe(accepted('b.gslb.example'));
    await clock.advance(2 * A_WHILE);
    expect(Object.fromEntries(writer.standing)).toEqual({
      'Gateway web/edge': accepted('a.gslb.example'),
      [ROUTE]: accepted('a.gslb.example'),
      'HTTPRoute web/theirs': accepted('a.example.net'),
      'HTTPRoute web/strange': 'a note',
      'HTTPRoute web/gone': undefined,
      'HTTPRoute web/old': undefined,
    });
  });

  test('stays short, however many hostnames there are', async () => {
    begin();
    const longName = (index: number): string =>
      `${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}.n${index}.gslb.example`;
    const routes = Array.from({ length: 200 }, (_, index) => [`r${index}`, [longName(index)]] as const);
    feedback.onModel(modelOf(Object.fromEntries(routes)));
    feedback.start();
    await clock.advance(REVIEW_MS + WRITE_INTERVAL_MS);
    const text = writer.standing.get('Gateway web/edge') ?? '';
    expect(text.length).toBeLessThanOrEqual(2000);
    const status: { hostnames: string[]; more: number } = JSON.parse(text);
    expect(status.hostnames.length).toBeGreaterThan(0);
    expect(status.hostnames.length + status.more).toBe(200);
  });

  test('that a cluster does not let us write is a finding, tried again ever less often, until it does', async () => {
    begin();
    writer.outcome = { kind: 'denied', problem: 'the API server says 403' };
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    feedback.start();
    await clock.advance(HOUR);
    expect(findings).toMatchObject([{ code: 'feedback-refused', origin: { file: 'cluster east' } }]);
    expect(findings[0]?.message).toContain('403');
    expect(writer.annotated.length).toBeGreaterThan(5);
    expect(writer.annotated.length).toBeLessThan(25);
    writer.outcome = { kind: 'done' };
    await clock.advance(400_000);
    expect(findings).toEqual([]);
    expect(writer.standing.get(ROUTE)).toBe(accepted('a.gslb.example'));
  });

  test('that the cluster rejects on one object leaves the others alone', async () => {
    begin();
    writer.outcome = { kind: 'rejected', problem: 'the API server says 422' };
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    feedback.start();
    await clock.advance(REVIEW_MS + 10 * WRITE_INTERVAL_MS);
    expect(writer.annotated).toHaveLength(2);
    await clock.advance(HOUR / 2);
    expect(writer.annotated).toHaveLength(2);
  });
});

describe('an Event', () => {
  const settings = { status: 'off', events: 'on' } as const;

  test('is recorded for an error or a warning, and counted on while it holds', async () => {
    begin(settings);
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }, [odd('weight: "much"')]));
    feedback.start();
    await clock.advance(A_WHILE);
    expect(writer.annotated).toEqual([]);
    expect(writer.events).toMatchObject([
      {
        object: { kind: 'HTTPRoute', namespace: 'web', name: 'r' },
        reason: 'AnnotationInvalid',
        note: 'weight: "much" (expected a number)',
      },
    ]);
    await clock.advance(EVENT_SERIES_MS + A_WHILE);
    expect(writer.events).toHaveLength(2);
    expect(writer.events[1]?.at).toBeGreaterThan(START + EVENT_SERIES_MS);
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    await clock.advance(3 * EVENT_SERIES_MS);
    expect(writer.events).toHaveLength(2);
  });

  test('of what comes and goes is not told more often', async () => {
    begin(settings);
    feedback.start();
    for (let round = 0; round < 20; round++) {
      feedback.onModel(modelOf({ r: ['a.gslb.example'] }, round % 2 === 0 ? [odd('weight: "much"')] : []));
      await clock.advance(A_WHILE);
    }
    expect(writer.events).toHaveLength(1);
  });

  test('is one of at most so many on one object; those of other objects are recorded', async () => {
    begin(settings);
    const many = Array.from({ length: 30 }, (_, index) => odd(`weight: "${index}"`));
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }, [...many, odd('odd', 'Gateway web/edge')]));
    feedback.start();
    await clock.advance(EVENT_SERIES_MS / 2);
    expect(writer.events.filter(({ object }) => object.kind === 'HTTPRoute')).toHaveLength(MAX_OBJECT_EVENTS);
    expect(writer.events.filter(({ object }) => object.kind === 'Gateway')).toHaveLength(1);
  });

  test('is none for what is only worth knowing, or of no object', async () => {
    begin(settings);
    const quiet = [
      finding('annotation-translated', { ...liveOrigin('east'), object: ROUTE }, 'read as ours'),
      finding('cluster-kind-missing', liveOrigin('east'), 'no GRPCRoute'),
    ];
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }, quiet));
    feedback.start();
    await clock.advance(A_WHILE);
    expect(writer.events).toEqual([]);
  });
});

test('a flip of health alone leads to no look and no write', async () => {
  begin({ events: 'on' });
  const model = modelOf({ r: ['a.gslb.example'] });
  feedback.onModel(model);
  feedback.start();
  await clock.advance(A_WHILE);
  const before = writer.annotated.length;
  const timers = clock.pending();
  for (let flip = 0; flip < 100; flip++) feedback.onModel(model);
  expect(clock.pending()).toBe(timers);
  await clock.advance(A_WHILE);
  expect(writer.annotated).toHaveLength(before);
});

describe('a cluster that comes while feedback runs', () => {
  test('is written into from then on, and not after it is gone', async () => {
    const present: string[] = [];
    const inner = writer;
    writer = {
      ...inner,
      get clusters() {
        return [...present];
      },
    };
    begin();
    feedback.start();
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    await clock.advance(A_WHILE);
    expect(writer.annotated).toEqual([]);
    present.push('east');
    feedback.onModel(modelOf({ r: ['a.gslb.example'] }));
    await clock.advance(A_WHILE);
    expect(writesOf(ROUTE)).toBe(1);
    present.pop();
    feedback.onModel(modelOf({ r: ['b.gslb.example'] }));
    await clock.advance(A_WHILE);
    expect(writesOf(ROUTE)).toBe(1);
    expect(clock.pending()).toBe(0);
  });
});
