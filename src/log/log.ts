import { type Logger, pino } from 'pino';
import { REDACTED } from '../core/desired/secrets.ts';
import { LOG_EVENTS, type Log, type LogCode, type LogFieldKind, logMessage } from '../core/log-events.ts';
import type { Clock } from '../core/ports.ts';
import { type ClientAddresses, clientAddress } from './client-address.ts';
import { type Destination, standardOutput } from './destination.ts';
import { createFloodGate } from './flood.ts';
import { plainText, plainValue } from './plain.ts';
import { REDACTED_PATHS } from './secrets.ts';
import { textLine } from './text-line.ts';

/** How the log is written. */
export type LogOptions = {
  /** Least severe level that is written. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'text';
  readonly clientAddresses: ClientAddresses;
  readonly clock: Clock;
  /** The standard output where left out. */
  readonly destination?: Destination;
};

/** A log. `settle` tells at once how many lines were left out; `close` does so as well, and hands over what waits. */
export type OwnLog = { readonly log: Log; readonly settle: () => void; readonly close: () => void };

/** Longest subject by which lines are counted, in characters; what is longer is one subject with all that begin alike. */
const MAX_SUBJECT = 200;

type Given = Readonly<Record<string, unknown>>;

/** Makes the log of a run: lines of the table in `core/log-events.ts`, without secrets, and bounded. */
export function createLog(options: LogOptions): OwnLog {
  const { format, clientAddresses, clock } = options;
  const destination =
    options.destination ??
    standardOutput(clock, (lines) => write('log-lines-lost', { lines }, logMessage('log-lines-lost', { lines })));
  const lines = pinoOn(options, {
    write: (line) => destination.write(format === 'text' ? textLine(line) : line),
  });
  const write = (event: LogCode, fields: Given, message: string): void =>
    lines[LOG_EVENTS[event][0]]({ event, ...fields }, message);
  const gate = createFloodGate(clock, (left) => {
    const fields = writable('log-lines-left-out', left, clientAddresses);
    write('log-lines-left-out', fields, logMessage('log-lines-left-out', fields));
  });
  return {
    log(event, given) {
      if (!lines.isLevelEnabled(LOG_EVENTS[event][0])) return;
      const fields = writable(event, given, clientAddresses);
      if (!gate.admit(event, subjectOf(event, fields))) return;
      write(event, fields, logMessage(event, fields));
    },
    settle: () => gate.settle(),
    close() {
      gate.settle();
      destination.close();
    },
  };
}

function pinoOn({ level, clock }: LogOptions, stream: { write(line: string): void }): Logger {
  return pino(
    {
      level,
      base: { name: 'azimuth' },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      redact: { paths: [...REDACTED_PATHS], censor: REDACTED },
    },
    stream,
  );
}

/** The fields of the table, and no others, as they are written. */
function writable(event: LogCode, given: Given, how: ClientAddresses): Given {
  const written: Record<string, unknown> = {};
  const kinds: Readonly<Record<string, LogFieldKind>> = LOG_EVENTS[event][2];
  for (const [name, kind] of Object.entries(kinds)) {
    const value = fieldValue(kind, given[name], how);
    if (value !== undefined) written[name] = value;
  }
  return written;
}

function fieldValue(kind: LogFieldKind, value: unknown, how: ClientAddresses): unknown {
  if (value === undefined) return undefined;
  if (kind.startsWith('client')) return typeof value === 'string' ? clientAddress(value, how) : undefined;
  if (kind.startsWith('time')) return timeText(Number(value));
  try {
    return plainValue(value);
  } catch {
    return plainText('[unreadable]');
  }
}

function timeText(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? String(ms) : time.toISOString();
}

/** What a line is about: the beginning of its first field, as it is written. */
function subjectOf(event: LogCode, fields: Given): string {
  const [first] = Object.keys(LOG_EVENTS[event][2]);
  const value = first === undefined ? undefined : fields[first];
  return typeof value === 'string' ? value.slice(0, MAX_SUBJECT) : (JSON.stringify(value)?.slice(0, MAX_SUBJECT) ?? '');
}
