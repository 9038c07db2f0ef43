import { type Azimuth, compose } from '../compose/compose.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { ListenAddress } from '../core/ports.ts';
import { addressText } from './address-text.ts';
import { bold } from './colour.ts';
import { logVoice } from './log-voice.ts';
import { isScreen } from './screen.ts';
import { terminalVoice } from './terminal-voice.ts';
import { VERSION } from './version.ts';

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
  const isTable = config.log.format === 'auto' && isScreen();
  const voice = isTable ? terminalVoice(head) : logVoice(config, head);
  process.on('uncaughtExceptionMonitor', voice.crashed);
  extras.onVoice?.(voice.say);
  voice.onFindings(findings);
  try {
    const azimuth = compose(config, voice);
    const stopped = stopSignal();
    const started = azimuth.lifecycle.start().then(() => voice.started(azimuth));
    const signal = await Promise.race([stopped, started.then(() => stopped)]);
    voice.stopping(signal);
    const late = await azimuth.lifecycle.stop();
    voice.stopped(late);
  } catch (error) {
    voice.failed(error);
    throw error;
  } finally {
    voice.close();
  }
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
