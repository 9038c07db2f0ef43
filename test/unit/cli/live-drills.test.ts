import { describe, expect, it } from 'vitest';
import { liveDrills } from '../../../src/cli/live-drills.ts';
import { advanced, planned } from '../../../src/core/drill/advance.ts';
import { asked, type Drill, type DrillSpec } from '../../../src/core/drill/drill.ts';

const NOW = Date.UTC(2026, 0, 1);
const SPEC: DrillSpec = {
  name: 'out',
  scope: { clusters: ['eu-west'] },
  action: { kind: 'weight', weight: 7 },
  lengthMs: 600_000,
  ramp: { steps: [25, 100], everyMs: 60_000 },
  abort: { noEndpoint: 'abort', capacity: 'abort', healthyShare: 0, monitors: [] },
  reason: 'quarterly',
};

/** As it is when its time has come. */
function begun(spec: DrillSpec): Drill {
  const now = { steady: 0, wall: NOW };
  const progress = planned(asked(spec, NOW, 'ana'), now);
  return advanced(progress, () => ({ abort: undefined, isBack: false }), now).drill;
}

describe('drills below the live table', () => {
  it('are told in a line each, but for those that are over', () => {
    const later = asked({ ...SPEC, name: 'later', action: { kind: 'fail' }, startAt: NOW + 1000 }, NOW, 'bob');
    const over: Drill = { ...begun(SPEC), state: 'over' };
    expect(liveDrills([begun(SPEC), later, over])).toEqual([
      'drill out  weight 7  running  25 %  step 1 of 2  clusters eu-west  ends 2026-01-01T00:10:00.000Z  by ana: quarterly',
      'drill later  fail  planned  clusters eu-west  begins 2026-01-01T00:00:01.000Z  by bob: quarterly',
    ]);
  });

  it('are counted where they are many', () => {
    const many = Array.from({ length: 7 }, (_, index) => begun({ ...SPEC, name: `d${index}` }));
    const lines = liveDrills(many);
    expect([lines.length, lines.at(-1)]).toEqual([6, 'and 2 more drills']);
  });
});
