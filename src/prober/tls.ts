import { dialTls } from './dial.ts';
import { type ProbeFunction, type ProbeMeans, SUCCESS } from './probe.ts';

/** Makes the probe of a TLS port: a handshake with a certificate that holds is a success. Nothing is sent after it. */
export function createTlsProbe({ secureContext }: Pick<ProbeMeans, 'secureContext'>): ProbeFunction {
  return async (monitor, flight) => {
    const socket = await dialTls(monitor, flight, await secureContext(), 'nothing');
    // Cut off at once, the server would miss our side of the handshake and complain in its log.
    await new Promise<void>((resolve) => socket.end(() => resolve()));
    socket.destroy();
    return SUCCESS;
  };
}
