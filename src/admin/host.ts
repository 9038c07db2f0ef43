const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/** Whether a listen address can be reached from this machine only. */
function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.includes(host) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Whether a Host header (RFC 9110 §7.2) may ask a server bound to `listenHost`. On loopback only the loopback names and
 * the listen address may: a page whose name was rebound to 127.0.0.1 sends its own name. Elsewhere every name may, for
 * there the operator's names are not known.
 */
export function isHostAccepted(header: string | undefined, listenHost: string): boolean {
  if (!isLoopback(listenHost)) return true;
  const host = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(header ?? '');
  const name = (host?.[1] ?? host?.[2])?.toLowerCase();
  return name !== undefined && (LOOPBACK_NAMES.includes(name) || name === listenHost);
}
