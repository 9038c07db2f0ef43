import { describe, expect, it } from 'vitest';
import { createStory, judgedBy } from './monitored.ts';

describe('degraded by latency', () => {
  const slow = () => createStory(judgedBy({ degradedLatencyMs: 500 }));

  it('is who was slow in three of the last five probes, until it is fast by a margin', () => {
    const story = slow();
    expect(story.results('++++', { durationMs: 900 }).state).toBe('up');
    expect(story.results('+', { durationMs: 900 })).toMatchObject({ state: 'degraded', reason: 'latency' });
    expect(story.results('+++++', { durationMs: 450 }).state).toBe('degraded');
    expect(story.results('++', { durationMs: 400 }).state).toBe('degraded');
    expect(story.results('+', { durationMs: 400 })).toMatchObject({ state: 'up' });
    expect(story.results('++', { durationMs: 900 }).state).toBe('up');
    expect(story.results('+', { durationMs: 900 }).state).toBe('degraded');
  });

  it('counts no failures, and no time that no probe can take', () => {
    const story = slow();
    story.results('++', { durationMs: 900 });
    expect(story.results('-', { durationMs: 3000 }).state).toBe('up');
    expect(story.results('+', { durationMs: 3_600_000 }).state).toBe('up');
    expect(story.results('+', { durationMs: -3_600_000 }).state).toBe('up');
    expect(story.results('++', { durationMs: 900 }).state).toBe('up');
    expect(story.results('+', { durationMs: 900 }).state).toBe('degraded');
  });

  it('goes down and forgets', () => {
    const story = slow();
    story.results('+++++', { durationMs: 900 });
    expect(story.results('---').state).toBe('down');
    expect(story.results('++', { durationMs: 900 }).state).toBe('up');
  });

  it('is nobody of whom it is not asked', () => {
    expect(createStory(judgedBy({})).results('+++++', { durationMs: 2999 }).state).toBe('up');
  });
});

describe('degraded by its certificate', () => {
  it('is who has fewer days left, until it has enough', () => {
    const story = createStory(judgedBy({ degradedCertificateDays: 7 }));
    expect(story.results('+', { certificateDaysLeft: 7 }).state).toBe('up');
    expect(story.results('+', { certificateDaysLeft: 6 })).toMatchObject({ state: 'degraded', reason: 'certificate' });
    expect(story.results('+').state).toBe('degraded');
    expect(story.results('+', { certificateDaysLeft: 90 }).state).toBe('up');
  });
});
