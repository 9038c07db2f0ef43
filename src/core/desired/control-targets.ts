import { DEFAULTS } from './annotations/defaults.ts';
import type { Monitor, MonitorId } from './model.ts';
import { monitorOf } from './monitors.ts';
import { addressedProbe, sendsHost } from './named-probe.ts';
import { parseQuestion } from './probe-question.ts';

/** From one probe of a control target to the next, in ms. */
const CONTROL_INTERVAL_MS = 5_000;
/** A control target that did not answer by then has failed, in ms. */
const CONTROL_TIMEOUT_MS = 3_000;

/** Begins the ids of control targets. No other monitor's id begins so: there is no such protocol. */
const PREFIX = 'control:';

/**
 * Reads a control target: something that is no endpoint of ours and that the prober must be able to see, by the URL of its
 * probe with an IP address and a port, such as `tcp://192.0.2.1:443`. There is no hostname: SNI is not sent, Host is the
 * address. Undefined for everything else.
 */
export function controlTarget(text: string): Monitor | undefined {
  const probe = addressedProbe(text);
  if (probe === undefined) return undefined;
  const { address, target } = probe;
  const { protocol, port, path } = target;
  // There is no hostname to ask for.
  if (protocol === 'dns' && parseQuestion(path)?.subject.kind === 'hostname') return undefined;
  const spec = {
    protocol,
    address: address.text,
    port,
    path,
    expect: DEFAULTS['probe-expect'],
    intervalMs: CONTROL_INTERVAL_MS,
    timeoutMs: CONTROL_TIMEOUT_MS,
    // Judged by the breaker alone.
    rise: 1,
    fall: 1,
  };
  const monitor = monitorOf(spec, sendsHost(target) ? address.text : '');
  return Object.freeze({ ...monitor, id: `${PREFIX}${text}` });
}

/** Whether the monitor is a control target: somebody else's server, of which nothing is of interest but that it can be seen. */
export function isControlTarget(id: MonitorId): boolean {
  return id.startsWith(PREFIX);
}
