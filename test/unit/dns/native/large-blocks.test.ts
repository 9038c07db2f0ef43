import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { loadSystem } from '../../../../src/dns/native/system.ts';

const run = promisify(execFile);
const SYSTEM = new URL('../../../../src/dns/native/system.ts', import.meta.url).href;

/** Without our setting nearly 400 are left. */
const MOST_MB = 180;

/** Megabytes in use by a process after a gigabyte of shared memory came and went, a little staying between the blocks. */
async function leftOver(): Promise<number> {
  const script = `
    import { loadSystem } from '${SYSTEM}';
    loadSystem();
    const [blocks, small] = [[], []];
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 80; i++) {
        const block = new SharedArrayBuffer(3_000_000 + 10_000 * i + 400_000 * round);
        new Uint8Array(block).fill(1);
        blocks.push(block);
        small.push(new ArrayBuffer(40_000));
      }
      blocks.length = 0;
      gc();
    }
    // What is freed is swept in the background.
    let now = Infinity;
    for (let wait = 0; wait < 100 && now > ${MOST_MB} * 1e6; wait++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 100));
      now = process.memoryUsage().rss;
    }
    console.log(Math.round(now / 1e6));`;
  const { stdout } = await run(process.execPath, ['--expose-gc', '--input-type=module', '-e', script]);
  return Number(stdout);
}

it.skipIf(loadSystem().kind !== 'loaded')(
  'large blocks of shared memory go back to the system',
  async () => {
    expect(await leftOver()).toBeLessThanOrEqual(MOST_MB);
  },
  60_000,
);
