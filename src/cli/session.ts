import { stripVTControlCharacters } from 'node:util';
import { pino } from 'pino';
import { type Azimuth, compose } from '../compose/compose.ts';
import type { Observer } from '../compose/rooms.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { StateChange } from '../core/health/health-book.ts';
import type { ListenAddress } from '../core/ports.ts';
import { addressText } from './address-text.ts';
import { bold, paintState } from './colour.ts';
import { findingText } from './finding-text.ts';
import { createLiveTable, type LiveTable } from './live-table.ts';
import { VERSION } from './version.ts';

/** What a session tells while it runs: on a terminal by a live table, into a pipe by structured log lines. */
type Voice = Observer & {
  readonly say: (line: string) => void;
  started(azimuth: Azimuth): void;
  stopping(signal: string): void;
  close(): void;
};

/** What a caller adds to a session. */
export type SessionExtras = {
  /** What is written above the live table, or logged at the start. */
  readonly head?: (azimuth: Azimuth) => string;
  /** Hands over a function that tells the user a line of text. */
  readonly onVoice?: (say: (line: string) => void) => void;
};

/**
 * Starts a director, runs it until SIGINT, SIGTERM or SIGHUP and stops it again; a second signal ends the process at once.
 * Rejects where it cannot start.
 */
export async function runSession(
  config: Config,
  findings: readonly Finding[],
  extras: SessionExtras = {},
): Promise<void> {
  const { head = defaultHead } = extras;
  const voice = process.stdout.isTTY ? terminalVoice(head) : logVoice(config, head);
  extras.onVoice?.(voice.say);
  voice.onFindings(findings);
  const azimuth = compose(config, voice);
  const stopped = stopSignal();
  const started = azimuth.lifecycle.start().then(() => voice.started(azimuth));
  const signal = await Promise.race([stopped, started.then(() => stopped)]);
  voice.stopping(signal);
  await azimuth.lifecycle.stop();
  voice.close();
}

function stopSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      resolve(signal);
      process.once(signal, () => process.exit(1));
    });
  }
  return promise;
}

function defaultHead(azimuth: Azimuth): string {
  const { dns, admin } = azimuth.listening();
  const addresses = (all: readonly ListenAddress[]): string => all.map(addressText).join(', ');
  return `${bold(`Azimuth ${VERSION}`)}  DNS on ${addresses(dns)}, admin API on http://${addresses(admin)}`;
}

function logVoice(config: Config, head: (azimuth: Azimuth) => string): Voice {
  const log = pino({ level: config.log.level, base: { name: 'azimuth' }, timestamp: pino.stdTimeFunctions.isoTime });
  return {
    version: VERSION,
    log,
    say: (line) => log.info(line),
    onFindings(findings) {
      for (const each of findings) log.warn({ finding: each }, `${each.code}: ${each.message}`);
    },
    onPublish: ({ snapshot, compileMs, causeToAnswerMs }) =>
      log.debug({ version: snapshot.version, serial: snapshot.serial, compileMs, causeToAnswerMs }, 'published'),
    onStateChange: ({ monitor, before, after }) =>
      log.info({ monitor: monitor.id, from: before.state, to: after.state, last: after.last }, 'monitor changed state'),
    started(azimuth) {
      for (const line of head(azimuth).split('\n')) if (line !== '') log.info(stripVTControlCharacters(line));
      log.info({ version: VERSION, pid: process.pid, listening: azimuth.listening() }, 'ready');
    },
    stopping: (signal) => log.info({ signal }, 'stopping'),
    close: () => log.info('stopped'),
  };
}

function terminalVoice(head: (azimuth: Azimuth) => string): Voice {
  let table: LiveTable | undefined;
  const say = (line: string): void => {
    if (table === undefined) process.stdout.write(`${line}\n`);
    else table.event(line);
  };
  return {
    version: VERSION,
    // The table shows what the admin API changed; its requests are no news on a terminal.
    log: { info() {}, warn: (_fields, message) => say(message), error: (_fields, message) => say(message) },
    say,
    onFindings(findings) {
      for (const each of findings) say(findingText(each));
    },
    onPublish() {},
    onStateChange(change) {
      // A first good result is what everybody expects; the table shows it.
      if (change.before.state !== 'unseen' || change.after.state !== 'up') say(changeText(change));
    },
    started(azimuth) {
      // Written once: only the table below is drawn again, so that a small terminal does not flicker.
      process.stdout.write(`${head(azimuth)}\n\n`);
      table = createLiveTable(azimuth);
    },
    stopping: (signal) => say(`${signal}: stopping`),
    close: () => table?.close(),
  };
}

function changeText({ monitor, before, after }: StateChange): string {
  const failed = after.last?.outcome.kind === 'failure' ? `: ${after.last.outcome.failure}` : '';
  const why = after.reason === undefined ? failed : `: ${after.reason}`;
  // The identity of a monitor begins with what is probed; the rest of it is settings.
  const [probed] = monitor.id.split(' every=');
  return `${probed} ${paintState(before.state)} → ${paintState(after.state)}${why}`;
}
