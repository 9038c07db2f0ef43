import { messageOf } from '../../core/error-message.ts';
import { createBatch, MAX_BATCH } from './layout.ts';
import { createSockets } from './sockets.ts';
import { type LoadedSystem, loadSystem, type SystemCalls } from './system.ts';

/** The engines by name. */
export type EngineName = 'native' | 'portable';

/** Which engine answers UDP, and why. `refused`: the native one was insisted on, and is not to be had. */
export type EngineChoice =
  | { readonly engine: 'native'; readonly calls: SystemCalls; readonly reason: string }
  | { readonly engine: 'portable'; readonly reason: string }
  | { readonly engine: 'refused'; readonly reason: string };

const REHEARSAL_OCTETS = 64;
const REHEARSAL_TEXT = 'azimuth';

/**
 * Chooses the UDP engine. Before the native one is taken, a datagram is sent and received through the very layout that
 * it will use: a system that is not as supposed, or that forbids the calls, is found out here.
 */
export function chooseEngine(
  wanted: 'auto' | 'native' | 'portable',
  load: () => LoadedSystem = loadSystem,
): EngineChoice {
  if (wanted === 'portable') return { engine: 'portable', reason: 'as configured' };
  const system = load();
  const fault = system.kind === 'unavailable' ? system.reason : rehearse(system.calls);
  if (system.kind === 'loaded' && fault === undefined) {
    return { engine: 'native', calls: system.calls, reason: wanted === 'auto' ? 'it works here' : 'as configured' };
  }
  return { engine: wanted === 'auto' ? 'portable' : 'refused', reason: `the native engine is not to be had: ${fault}` };
}

/** What is wrong with these calls; undefined where nothing is. */
function rehearse(calls: SystemCalls): string | undefined {
  const sockets = createSockets(calls);
  try {
    const [socket] = sockets.open({ host: '127.0.0.1', port: 0 }, 1);
    if (socket === undefined) return 'no socket';
    try {
      return sendToItself(calls, socket.fd, socket.address.port);
    } finally {
      sockets.close([socket]);
    }
  } catch (error) {
    return messageOf(error);
  }
}

function sendToItself(calls: SystemCalls, fd: number, port: number): string | undefined {
  const { addressOf } = calls;
  const batch = createBatch({ family: 4, packetInfo: false, slotOctets: REHEARSAL_OCTETS, addressOf });
  const [response] = batch.responses;
  const [client] = batch.clients;
  const [query] = batch.queries;
  if (response === undefined || client === undefined || query === undefined) return 'no slot';
  batch.setPeer(0, port);
  client.octets.set([127, 0, 0, 1]);
  const length = new TextEncoder().encodeInto(REHEARSAL_TEXT, response.octets).written;
  batch.answer(0, length);
  const sent = calls.send(fd, batch.sendAt, 1);
  const received = sent === 1 ? calls.receive(fd, batch.receiveAt, MAX_BATCH) : 0;
  const text = new TextDecoder().decode(query.octets.subarray(0, length));
  const isSame = batch.length(0) === length && batch.sourcePort(0) === port && text === REHEARSAL_TEXT;
  const fault = `a datagram to itself did not come back as sent (${sent} sent, ${received} received)`;
  return received === 1 && isSame ? undefined : fault;
}
