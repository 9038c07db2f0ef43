import { describe, expect, it } from 'vitest';
import { createSavedChanges } from '../../../../src/core/orders/saved-changes.ts';

/** Changes of a list of words, which is saved where nobody says otherwise. */
function words(save: () => Promise<void> = async () => undefined) {
  const seen: (readonly string[])[] = [];
  let ordered = 0;
  const changes = createSavedChanges<readonly string[]>({
    save,
    apply: (value) => void seen.push(value),
    steady: () => 0,
    onOrdered() {
      ordered += 1;
    },
  });
  return { changes, seen, ordered: () => ordered };
}

describe('saved changes', () => {
  it('one that fails by a fault of ours does not stop those behind it', async () => {
    const { changes, seen, ordered } = words();
    const failed = changes.order((): readonly string[] => {
      throw new RangeError('out of memory');
    });
    const next = changes.order(() => ['second']);
    await expect(failed).rejects.toThrow('out of memory');
    expect(await next).toBe('done');
    expect(await changes.order(() => ['third'])).toBe('done');
    expect(seen).toEqual([['second'], ['third']]);
    expect([ordered(), changes.state()]).toEqual([3, 'still']);
  });

  it('what cannot be saved is not in force, and what is refused is not saved', async () => {
    const { changes, seen } = words(async () => {
      throw new Error('the disk is full');
    });
    expect(await changes.order(() => ['x'])).toMatchObject({ code: 'not-saved' });
    expect(await changes.order(() => ({ code: 'no' }))).toEqual({ code: 'no' });
    expect(await changes.order(() => 'done')).toBe('done');
    expect(seen).toEqual([]);
  });
});
