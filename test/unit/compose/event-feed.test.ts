import { describe, expect, it } from 'vitest';
import { createEventLog } from '../../../src/admin/events/event-log.ts';
import { createEventFeed } from '../../../src/compose/event-feed.ts';
import { finding } from '../../../src/core/desired/finding.ts';
import { EMPTY_PLACES } from '../../../src/core/snapshot/empty-places.ts';
import { createDirector, type DirectorControl } from '../../../src/director.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { declare, gateway, picture, route } from '../core/desired/pictures.ts';

/** A real director, whose news go through a feed into a log. */
function createWorld() {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const events = createEventLog({ now: () => clock.now() });
  const feed = createEventFeed({ events, clock, director: () => director });
  const heard: string[] = [];
  const observer = feed.observed({
    version: '0',
    log() {},
    onPublish: () => heard.push('publish'),
    onStateChange: () => heard.push('state'),
    onFindings: () => heard.push('findings'),
  });
  const director: DirectorControl = createDirector({
    declaration: declare({ clusters: ['eu', 'us'] }),
    clock,
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: () => undefined,
    onPublish: (publication) => observer.onPublish(publication),
    onStateChange: (change) => observer.onStateChange(change),
  });
  director.onPicture(
    picture('eu', gateway('edge', { addresses: ['192.0.2.1'] }), route('shop', ['shop.gslb.example'])),
  );
  director.onPicture(
    picture('us', gateway('edge', { addresses: ['192.0.2.2'] }), route('shop', ['shop.gslb.example'])),
  );
  director.flush();
  let seen = events.newest();
  const news = (type?: string) => {
    const { events: all } = events.after(seen, 1_000);
    seen = events.newest();
    return all.filter((each) => type === undefined || each.type === type);
  };
  return { clock, director, observer, heard, news, feed };
}

describe('events', () => {
  it('of a monitor say from what to what and why, and who observed before hears it as well', async () => {
    const { clock, director, news, heard } = createWorld();
    const [monitor] = director.snapshot().model.monitors;
    const failure = { kind: 'failure', failure: 'refused', detail: '' } as const;
    director.onProbe({ monitor: monitor!.id, at: clock.now(), durationMs: 1, outcome: failure });
    await clock.advance(20);
    const [event] = news('monitor');
    expect(event).toMatchObject({ change: 'down', subject: monitor!.id });
    expect(event?.data).toMatchObject({ from: 'unseen', to: 'down', failure: 'refused' });
    expect(event?.text).toContain('unseen → down (refused)');
    expect(heard).toEqual(expect.arrayContaining(['publish', 'state']));
  });

  it('of an override come when it is ordered and when it is taken back, once each', async () => {
    const { clock, director, news } = createWorld();
    await director.drain({ cluster: 'us', at: clock.now(), by: 'ana', reason: 'upgrade' }, 'forced');
    await clock.advance(50);
    expect(news('override')).toMatchObject([{ change: 'set', data: { kind: 'drain', by: 'ana', reason: 'upgrade' } }]);
    await director.undrain('us');
    await clock.advance(50);
    expect(news('override')).toMatchObject([{ change: 'cleared' }]);
  });

  it('of a rollout come when it begins, goes on and ends', async () => {
    const { director, news } = createWorld();
    await director.rollouts.start({ name: 'move', from: ['eu'], to: ['us'], plan: { kind: 'blue-green' } }, 'ana');
    await director.rollouts.order('move', 'switch', 'ana');
    await director.rollouts.order('move', 'end', 'ana');
    const told = news('rollout').map(({ change, subject, data }) => [change, subject, data['percent']]);
    expect(told).toEqual([
      ['started', 'move', 0],
      ['changed', 'move', 100],
      ['ended', 'move', 100],
    ]);
  });

  it('of snapshots come at once, and of a second together, and the last one is told', async () => {
    const { clock, director, news, feed } = createWorld();
    await clock.advance(2_000);
    news();
    for (let n = 0; n < 10; n++) {
      await director.drain({ cluster: 'us', at: clock.now(), by: 'ana', reason: `${n}` }, 'forced');
    }
    expect(news('snapshot')).toMatchObject([{ data: { published: 1 } }]);
    await clock.advance(1_000);
    const [rest, ...more] = news('snapshot');
    expect([rest?.data, more]).toEqual([
      { version: director.snapshot().version, serial: director.snapshot().serial, published: 9 },
      [],
    ]);
    feed.close();
    director.close();
  });

  it('of findings come when they do and when they are gone, and a flood is few', () => {
    const { observer, news } = createWorld();
    const one = finding('zone-single-nameserver', { file: 'azimuth.yaml', line: 3 }, 'Only one.');
    observer.onFindings([one]);
    observer.onFindingsGone?.([one]);
    expect(news('finding')).toMatchObject([
      { change: 'come', subject: 'zone-single-nameserver', data: { severity: 'info', file: 'azimuth.yaml', line: 3 } },
      { change: 'gone', subject: 'zone-single-nameserver' },
    ]);
    observer.onFindings(Array.from({ length: 10_000 }, () => one));
    const flood = news('finding');
    expect([flood.length, flood.at(-1)]).toMatchObject([101, { subject: 'more', data: { count: 9_900 } }]);
  });

  it('of the breaker say why', () => {
    const { observer, news } = createWorld();
    observer.onBreaker?.({ state: 'blind', cause: 'mass-flip', controls: [] }, 'Most fell at once.');
    observer.onBreaker?.({ state: 'trusting', relief: 'operator', withheld: 3 }, 'Believed again.');
    expect(news('breaker')).toMatchObject([
      { change: 'blind', text: 'Most fell at once.', data: { cause: 'mass-flip' } },
      { change: 'trusting', data: { relief: 'operator', withheld: 3 } },
    ]);
  });
});
