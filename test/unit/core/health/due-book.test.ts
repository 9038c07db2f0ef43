import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDueBook } from '../../../../src/core/health/due-book.ts';

describe('a due book', () => {
  it('asks for a monitor at the earliest time that it was set to, and once', () => {
    const book = createDueBook();
    book.set('a', 50);
    book.set('a', 30);
    book.set('a', 70);
    book.set('b', 40);
    book.set('c', Number.POSITIVE_INFINITY);
    expect(book.nextAt()).toBe(30);
    expect(book.takeUntil(39)).toEqual(['a']);
    expect(book.takeUntil(100)).toEqual(['b']);
    expect(book.nextAt()).toBe(Number.POSITIVE_INFINITY);
  });

  it('never asks too late, whatever is set, taken and forgotten', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set'), id: fc.constantFrom('a', 'b', 'c', 'd'), at: fc.nat(50) }),
      fc.record({ kind: fc.constant('take'), id: fc.constant(''), at: fc.nat(50) }),
      fc.record({ kind: fc.constant('forget'), id: fc.constantFrom('a', 'b', 'c', 'd'), at: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = createDueBook();
        const earliest = new Map<string, number>();
        for (const { kind, id, at } of steps) {
          if (kind === 'set') {
            book.set(id, at);
            earliest.set(id, Math.min(at, earliest.get(id) ?? at));
          } else if (kind === 'forget') {
            book.keep((one) => one !== id);
            earliest.delete(id);
          } else {
            const due = [...earliest].filter(([, due]) => due <= at).map(([one]) => one);
            expect(book.takeUntil(at).toSorted()).toEqual(due.toSorted());
            for (const one of due) earliest.delete(one);
          }
          expect(book.nextAt()).toBe(Math.min(...earliest.values()));
        }
      }),
    );
  });
});
