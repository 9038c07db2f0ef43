import { describe, expect, it } from 'vitest';
import { createControls } from '../../../../src/core/health/breaker-controls.ts';
import type { ProbeFailure, ProbeResult } from '../../../../src/core/health/monitor-health.ts';

/** A world with one target, that was good at 0 and then saw these, a second apart. */
function controlAfter(...outcomes: readonly ('success' | ProbeFailure)[]) {
  const controls = createControls(['one']);
  for (const [index, outcome] of ['success' as const, ...outcomes].entries()) {
    const at = index * 1000;
    controls.take(resultOf('one', outcome, at), at);
  }
  return controls;
}

function resultOf(monitor: string, outcome: 'success' | ProbeFailure, at: number): ProbeResult {
  const failure = (failed: ProbeFailure) => ({ kind: 'failure', failure: failed, detail: '' }) as const;
  return { monitor, at, durationMs: 0, outcome: outcome === 'success' ? { kind: 'success' } : failure(outcome) };
}

describe('a control target', () => {
  it('fails with its second failure in a row, and is good with the next success', () => {
    expect(controlAfter('timeout').view()).toMatchObject([{ state: 'doubtful' }]);
    expect(controlAfter('timeout').areFailing()).toBe(false);
    expect(controlAfter('timeout', 'refused').areFailing()).toBe(true);
    expect(controlAfter('timeout', 'success', 'timeout').areFailing()).toBe(false);
    expect(controlAfter('timeout', 'refused', 'success').view()).toMatchObject([{ state: 'good' }]);
  });

  it.each(['status', 'header', 'body', 'answer', 'certificate-name', 'certificate-expired'] as const)(
    'that answers with the failure %s was seen',
    (failure) => {
      expect(controlAfter(failure, failure).view()).toMatchObject([{ state: 'good' }]);
    },
  );

  it.each(['timeout', 'refused', 'unreachable', 'reset', 'tls', 'certificate-untrusted', 'protocol'] as const)(
    'with the failure %s was not seen',
    (failure) => {
      expect(controlAfter(failure, failure).view()).toMatchObject([{ state: 'failing' }]);
    },
  );

  it.each(['internal', 'forbidden'] as const)('is not judged by the failure %s', (failure) => {
    expect(controlAfter(failure, failure).view()).toMatchObject([{ state: 'good', last: { at: 0 } }]);
  });

  it('has been good since its first good result without a break', () => {
    expect(controlAfter('success').soundSince()).toBe(0);
    expect(controlAfter('timeout').soundSince()).toBeUndefined();
    expect(controlAfter('timeout', 'success', 'success').soundSince()).toBe(2000);
    expect([controlAfter('success').areGoodSince(1000), controlAfter('success').areGoodSince(1001)]).toEqual([
      true,
      false,
    ]);
  });

  it('is none of those that are not listed, and none are never good nor failing', () => {
    const none = createControls([]);
    none.take(resultOf('one', 'success', 0), 0);
    expect([none.areFailing(), none.areGoodSince(0), none.soundSince(), none.view()]).toEqual([
      false,
      false,
      undefined,
      [],
    ]);
  });
});
