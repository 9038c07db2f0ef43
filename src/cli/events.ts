import { setTimeout as pause } from 'node:timers/promises';
import { nearest } from '../core/desired/suggest.ts';
import type { EventType } from '../core/events.ts';
import { ADMIN_OPTIONS, type AdminClient, adminClient, NoDirectorError } from './admin-client.ts';
import { bold, dim, paintState } from './colour.ts';
import { type Command, EXIT, type Invocation, textOption, UsageError } from './command.ts';
import { readStream } from './event-stream.ts';
import { listOf, recordOf, textOf } from './json.ts';
import { RefusedError } from './refusal.ts';

/** How long after a stream broke off it is opened again, in ms. */
const RECONNECT_MS = 3_000;

/** How long a stream may be silent before it is given up, in ms. */
const SILENCE_MS = 30_000;

/** Refusals that pass. */
const PASSING = ['streams-full', 'rate-limited', 'stopping', 'timed-out'];

/** What events are about. A director may know more of them. */
const TYPES: Readonly<Record<EventType, 'known'>> = {
  monitor: 'known',
  override: 'known',
  rollout: 'known',
  drill: 'known',
  finding: 'known',
  breaker: 'known',
  snapshot: 'known',
};

/** `azimuth events`: what happened of late; with `--follow` also what happens from now on, until it is interrupted. */
export const eventsCommand: Command = {
  name: 'events',
  usage: 'azimuth events [--follow] [--types TYPE,…] [--limit N] [--config FILE] [--json]',
  summary: 'tell what happened of late, and what happens',
  most: 0,
  choices: { types: Object.keys(TYPES) },
  options: {
    ...ADMIN_OPTIONS,
    follow: { type: 'boolean', short: 'f' },
    types: { type: 'string' },
    limit: { type: 'string' },
  },
  run: events,
};

async function events(invocation: Invocation): Promise<number> {
  const [types, limit] = [textOption(invocation, 'types'), textOption(invocation, 'limit')];
  for (const type of types?.split(',') ?? []) refuseMistyped(type);
  if (limit !== undefined && !/^([1-9]\d{0,2}|1000)$/.test(limit)) {
    throw new UsageError('--limit: expected a number from 1 to 1000.');
  }
  const client = await adminClient(invocation);
  const print = invocation.options['json'] === true ? printJson : printLine;
  const query = queryOf({ types, limit });
  const recent = recordOf(await client.get(`/v1/events/recent${query}`));
  for (const event of listOf(recent.get('items'))) print(event);
  if (invocation.options['follow'] !== true) return EXIT.ok;
  return follow(client, `/v1/events${queryOf({ types })}`, textOf(recent.get('newest')), print);
}

function refuseMistyped(type: string): void {
  const close = type in TYPES ? undefined : nearest(type, Object.keys(TYPES));
  if (close !== undefined) throw new UsageError(`--types: there is no type "${type}". Did you mean "${close}"?`);
}

/** Goes on where it was after each break; only a director that refuses, or never was there, ends it. */
async function follow(
  client: AdminClient,
  path: string,
  from: string,
  print: (event: unknown) => void,
): Promise<number> {
  let last = from;
  for (;;) {
    try {
      const stream = await client.open(path, { 'last-event-id': last });
      // There is a sign of life every ten seconds.
      stream.setTimeout(SILENCE_MS, () => stream.destroy());
      const keepPlace = (id: string): void => {
        last = id;
      };
      for await (const { name, data } of readStream(stream, keepPlace)) {
        if (name === 'gap') process.stderr.write('azimuth: some events are missing here: they are forgotten.\n');
        else if (name === 'end') break;
        else print(JSON.parse(data));
      }
    } catch (error) {
      if (!isBreak(error)) throw error;
      process.stderr.write(`azimuth: ${breakText(error)} Trying again every ${RECONNECT_MS / 1000} s.\n`);
    }
    await pause(RECONNECT_MS);
  }
}

/** A connection that is cut, as it is when a director restarts, and not its answer. */
function isBreak(error: unknown): boolean {
  if (error instanceof NoDirectorError) return true;
  if (error instanceof RefusedError) return PASSING.includes(error.code);
  return (
    error instanceof Error &&
    'code' in error &&
    ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(String(error.code))
  );
}

function breakText(error: unknown): string {
  const isTold = error instanceof NoDirectorError || error instanceof RefusedError;
  return isTold ? error.message : 'The connection to the director broke off.';
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function printJson(event: unknown): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function printLine(event: unknown): void {
  const of = recordOf(event);
  const severity = textOf(recordOf(of.get('data')).get('severity'));
  const change = textOf(of.get('change'));
  const word = paintState(severity !== '' && change === 'come' ? severity : change);
  process.stdout.write(
    `${dim(textOf(of.get('at')))}  ${bold(textOf(of.get('type')))} ${word}  ${textOf(of.get('text'))}\n`,
  );
}
