import { stripVTControlCharacters } from 'node:util';
import type { Azimuth } from '../compose/compose.ts';
import { SYSTEM_CLOCK } from '../compose/system-clock.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import { messageOf } from '../core/error-message.ts';
import { createLog } from '../log/log.ts';
import { VERSION } from './version.ts';
import type { Voice } from './voice.ts';

/** By the severity of a finding. */
const FINDING_EVENTS = { error: 'finding-error', warning: 'finding-warning', info: 'finding-info' } as const;

/** Lines of the log on the standard output, as the configuration wants them. `head` is logged at the start. */
export function logVoice(config: Config, head: (azimuth: Azimuth) => string): Voice {
  const { level, format, clientAddresses } = config.log;
  const { log, settle, close } = createLog({
    level,
    format: format === 'text' ? 'text' : 'json',
    clientAddresses,
    clock: SYSTEM_CLOCK,
  });
  return {
    version: VERSION,
    log,
    say: (line) => log('note', { line: stripVTControlCharacters(line) }),
    onFindings(findings) {
      for (const each of findings) log(FINDING_EVENTS[each.severity], findingFields(each));
    },
    onFindingsGone(findings) {
      for (const each of findings) log('finding-gone', findingFields(each));
    },
    onPublish: ({ snapshot, compileMs, causeToAnswerMs }) =>
      log('published', { version: snapshot.version, serial: snapshot.serial, compileMs, causeToAnswerMs }),
    onStateChange: ({ monitor, before, after }) =>
      log('monitor-changed', {
        monitor: monitor.id,
        from: before.state,
        to: after.state,
        reason: after.reason,
        last: after.last,
      }),
    started(azimuth) {
      for (const line of head(azimuth).split('\n')) {
        if (line !== '') log('note', { line: stripVTControlCharacters(line) });
      }
      log('ready', { version: VERSION, pid: process.pid, listening: azimuth.listening() });
    },
    stopping: (signal) => log('stopping', { signal }),
    stopped(late) {
      if (late.length > 0) log('stop-late', { stages: late.join(', ') });
      settle();
      log('stopped', {});
    },
    failed: (error) => log('start-failed', { reason: messageOf(error) }),
    crashed(error) {
      log('crashed', { error });
      close();
    },
    close,
  };
}

function findingFields({ code, message, origin, suggestion }: Finding) {
  return { message, code, ...origin, suggestion };
}
