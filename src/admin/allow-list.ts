import { BlockList, isIP } from 'node:net';
import { plainAddress } from '../core/desired/address.ts';
import type { Log } from '../core/log-events.ts';
import { ADDRESS_LOG_MS } from './limits.ts';

/** What is looked at of a connection. */
type Connection = { readonly remoteAddress?: string | undefined; destroy(): unknown };

/**
 * Makes what closes the connections of others, before they have said a word: those whose address is in none of the
 * networks and is not this machine's loopback. The log has one line in `ADDRESS_LOG_MS` at most. `now` in ms.
 */
export function createDoor(networks: readonly string[], log: Log, now: () => number): (socket: Connection) => void {
  const listed = new BlockList();
  for (const network of ['127.0.0.0/8', '::1/128', ...networks]) {
    const [address = '', length = ''] = network.split('/');
    listed.addSubnet(address, Number(length), familyOf(address));
  }
  let closed = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return (socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (isIP(address) !== 0 && listed.check(address, familyOf(address))) return;
    socket.destroy();
    closed += 1;
    if (Math.abs(now() - toldAt) < ADDRESS_LOG_MS) return;
    log('admin-connections-closed', { address, connections: closed });
    [closed, toldAt] = [0, now()];
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
