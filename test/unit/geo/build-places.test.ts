import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMmdb } from '../../../geoip/mmdb-writer.ts';
import { buildPlaces } from '../../../src/geo/build-places.ts';

const forever = new AbortController().signal;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-build-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

/** A record of `levels` maps, each of which holds the next one twice: 2^levels maps when decoded. */
function bomb(levels: number): Buffer {
  const placeholder = 'x'.repeat(9 * levels + 1);
  const networks = [['192.0.2.0/24', placeholder]] as const;
  const file = writeMmdb({ type: 'bomb', recordSize: 24, ipVersion: 4, buildEpoch: 1, networks });
  // The string's control octets come first; they are where the data section begins.
  const start = file.indexOf(placeholder) - 2;
  for (let level = 0; level < levels; level++) {
    const next = (level + 1) * 9;
    const pointer = [0x20 | (next >> 8), next & 0xff];
    file.set([0xe2, 0x41, 0x61, ...pointer, 0x41, 0x62, ...pointer], start + level * 9);
  }
  file.set([0xe0], start + levels * 9);
  return file;
}

function build(file: string, signal: AbortSignal): ReturnType<typeof buildPlaces> {
  return buildPlaces({ file, maps: [], asn: undefined }, signal);
}

describe('buildPlaces', () => {
  it('hands over shared memory, frozen places and who made the data', async () => {
    const networks = [['192.0.2.0/24', { country: { iso_code: 'DE' } }]] as const;
    const database = writeMmdb({ type: 'DBIP-Country-Lite', recordSize: 24, ipVersion: 4, buildEpoch: 7, networks });
    const built = await build(await fileOf('made.mmdb', database), forever);
    if (built.kind === 'failed') throw new Error(built.reason);
    expect(built.table.v4.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(Object.isFrozen(built.table.places[1])).toBe(true);
    expect(built.table.builtAt).toBe(7000);
    expect(built.table.source).toBe('made.mmdb (DBIP-Country-Lite). IP geolocation by DB-IP (https://db-ip.com)');
  });

  it.each([
    ['is not there', undefined, 'ENOENT'],
    ['is empty', Buffer.alloc(0), 'not a sound mmdb file'],
    ['is text', Buffer.from('# not a database\n'.repeat(100)), 'not a sound mmdb file'],
    ['is compressed', Buffer.from([0x1f, 0x8b, 8, 0]), 'compressed by gzip'],
  ])('a file that %s is a failure with its reason', async (name, bytes, reason) => {
    const file = bytes === undefined ? join(folder, 'none.mmdb') : await fileOf(`${name}.mmdb`, bytes);
    expect(await build(file, forever)).toEqual({ kind: 'failed', reason: expect.stringContaining(reason) });
  });

  it('decodes a small bomb, and survives one that is larger than all memory', async () => {
    expect(await build(await fileOf('small.mmdb', bomb(5)), forever)).toMatchObject({
      reason: expect.stringContaining('no network'),
    });
    const started = performance.now();
    const built = await build(await fileOf('large.mmdb', bomb(27)), AbortSignal.timeout(2000));
    expect(built.kind).toBe('failed');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is given up by its signal', async () => {
    const file = await fileOf('again.mmdb', bomb(27));
    const given = new AbortController();
    const built = build(file, given.signal);
    given.abort();
    expect((await built).kind).toBe('failed');
    expect((await build(file, given.signal)).kind).toBe('failed');
  });
});
