import { dialTls } from './dial.ts';
import { exchange, withSession } from './http2-stream.ts';
import type { ProbeFunction, ProbeMeans } from './probe.ts';
import { hostHeader, judgeResponse } from './response.ts';

/**
 * Makes the probe for `h2`: as `https`, but a GET by HTTP/2 (RFC 9113), which the server must choose by ALPN. Fails with
 * `alpn` where it does not.
 */
export function createH2Probe({ secureContext, headersFor }: ProbeMeans): ProbeFunction {
  return async (monitor, flight) => {
    const own = await headersFor(monitor.host);
    const socket = await dialTls(monitor, flight, await secureContext(), 'h2');
    return withSession(socket, 'https', async (session) => {
      const { stream, header } = exchange(session, {
        ':method': 'GET',
        ':path': monitor.path,
        ':authority': hostHeader(monitor),
        'user-agent': 'azimuth-probe',
        accept: '*/*',
        ...own,
      });
      stream.end();
      const headers = await header;
      flight.trace.enter('reading the response');
      const status = Number(headers[':status']);
      flight.trace.status = status;
      return judgeResponse(monitor.expect, { status, headers, body: stream });
    });
  };
}
