import type { Azimuth } from '../compose/compose.ts';
import type { StateChange } from '../core/health/health-book.ts';
import { LOG_EVENTS, logMessage } from '../core/log-events.ts';
import { plainText } from '../log/plain.ts';
import { paintState } from './colour.ts';
import { findingText } from './finding-text.ts';
import { createLiveTable, type LiveTable } from './live-table.ts';
import { VERSION } from './version.ts';
import type { Voice } from './voice.ts';

/** A live table, and below it what is worth a person's look. `head` is written above it. */
export function terminalVoice(head: (azimuth: Azimuth) => string): Voice {
  let table: LiveTable | undefined;
  const say = (line: string): void => {
    if (table === undefined) process.stdout.write(`${line}\n`);
    else table.event(line);
  };
  return {
    version: VERSION,
    log(event, fields) {
      // The table shows what the admin API changed; its requests are no news on a terminal.
      const [level] = LOG_EVENTS[event];
      if (level === 'warn' || level === 'error') say(plainText(logMessage(event, fields)));
    },
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
    stopped() {},
    // The command's own last words tell it.
    failed() {},
    crashed() {},
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
