import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDueHeap } from '../../../../src/core/health/due-heap.ts';

/** -0 and 0 are one moment, in either order; the comparison below would tell them apart. */
const moment = fc.double({ noNaN: true }).map((due) => due + 0);
const items = fc.array(fc.record({ due: moment }));

it('gives what is in it in the order it is due, whatever was put in and taken out between', () => {
  fc.assert(
    fc.property(items, fc.array(fc.option(moment)), (start, steps) => {
      const heap = createDueHeap(start);
      const model = start.map((item) => item.due);
      for (const step of steps) {
        model.sort((a, b) => a - b);
        expect(heap.peek()?.due).toBe(model[0]);
        if (step === null) expect(heap.pop()?.due).toBe(model.shift());
        else {
          heap.push({ due: step });
          model.push(step);
        }
      }
      model.sort((a, b) => a - b);
      for (const due of model) expect(heap.pop()?.due).toBe(due);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
