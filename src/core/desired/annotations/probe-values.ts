import type { ProbeProtocol } from '../model.ts';
import { parseQuestion, questionText } from '../probe-question.ts';
import type { ProbeTarget } from './setting.ts';

/** Longest path of a probe, name of a gRPC service or question to a DNS server, in characters. */
const MAX_PATH = 512;

/**
 * Reads a probe: `https://:443/healthz`, `h2://:443/`, `http://:80/`, `tcp://:443`, `tls://:443`, `grpc://:80/service`,
 * `grpcs://:443/service`, `dns://:53/NAME?type=A` or `none`. There is no host in it: a probe only ever goes to the VIP, so
 * that an annotation cannot point the director at somebody else's server.
 */
export function probeTarget(text: string): ProbeTarget | undefined {
  if (text === 'none') return { kind: 'none' };
  // Printable ASCII without space and fragment: what goes into a request line cannot break out of it.
  const match = /^(https?|h2|tcp|tls|grpcs?|dns):\/\/:(\d{1,5})(\/[\x21\x22\x24-\x7e]*)?$/.exec(text);
  const [, protocol, digits, path = ''] = match ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535) || path.length > MAX_PATH) return undefined;
  if (protocol === 'http' || protocol === 'https' || protocol === 'h2') return target(protocol, port, path || '/');
  if (protocol === 'grpc' || protocol === 'grpcs') return target(protocol, port, path.slice(1));
  if (protocol === 'tcp' || protocol === 'tls') return path === '' ? target(protocol, port, path) : undefined;
  const question = protocol === 'dns' ? parseQuestion(path.slice(1)) : undefined;
  return question && target('dns', port, questionText(question));
}

function target(protocol: ProbeProtocol, port: number, path: string): ProbeTarget {
  return { kind: 'target', protocol, port, path };
}
