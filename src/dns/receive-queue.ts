import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { parseAddress } from '../core/desired/address.ts';
import type { ListenAddress } from '../core/ports.ts';

/** The system's UDP sockets, by family: text, a line for each. */
export type SocketTables = Readonly<Record<4 | 6, string>>;

/** Datagrams that were dropped because they found the receive queue of a listener full, since we look. */
type QueueDrops = { readonly address: ListenAddress; readonly count: number };

/** What tells how many datagrams the system dropped before we saw them. */
export type ReceiveQueues = {
  /** Of those listeners of which it can be known. Never rejects. */
  read(listeners: readonly ListenAddress[]): Promise<readonly QueueDrops[]>;
};

/** Linux's (proc(5)). The last column, `drops`, is all that a socket's queue had no room for, or whose checksum was wrong. */
const TABLES: SocketTables = { 4: '/proc/net/udp', 6: '/proc/net/udp6' };
/** Most of a table of the system's sockets that is read, in octets: some sixty thousand of them. */
const MAX_SOCKET_TABLE_OCTETS = 8 * 1024 * 1024;
/** Columns of a line that are looked at. */
const COLUMN = { inode: 9, drops: 12 } as const;

/** Most sockets of one listener whose counts are remembered each; those before, which are gone, are so as one. */
const MAX_REMEMBERED_SOCKETS = 1024;

/** What is remembered of a listener: the latest counts of its sockets by inode, gone ones included, and a sum of still older ones. */
type Known = { readonly bySocket: Map<string, number>; older: number };

/**
 * Reads the counts of the sockets on each address and port, those that share it together. The system forgets a socket's count
 * with the socket; it is kept here, so that the sum never falls. Sockets are known by their address alone: those of another
 * process that shares it count as ours.
 */
export function createReceiveQueues(tables: SocketTables = TABLES): ReceiveQueues {
  const known = new Map<string, Known>();
  let reading: Promise<readonly string[]> | undefined;

  // One at a time: an older reading that came later would look as if a socket had begun anew.
  const texts = (): Promise<readonly string[]> => {
    reading ??= Promise.all([readBounded(tables[4]), readBounded(tables[6])]).finally(() => {
      reading = undefined;
    });
    return reading;
  };

  return {
    async read(listeners) {
      const [of4 = '', of6 = ''] = await texts();
      return listeners.flatMap((address) => {
        const at = tableAddress(address);
        if (at === undefined) return [];
        const sockets = socketsOn(at.family === 4 ? of4 : of6, at.text);
        const was = known.get(at.text);
        if (was === undefined && sockets.size === 0) return [];
        const is = was ?? { bySocket: new Map<string, number>(), older: 0 };
        known.set(at.text, is);
        return [{ address, count: renew(is, sockets) }];
      });
    },
  };
}

/**
 * Takes over the latest counts and returns the sum of all there ever were. A socket that is not in the table may only have
 * been missed, as the system does not write it in one go: its count stays with it.
 */
function renew(known: Known, sockets: ReadonlyMap<string, number>): number {
  const { bySocket } = known;
  for (const [inode, count] of sockets) {
    const before = bySocket.get(inode) ?? 0;
    // An inode that has less than before is that of another socket.
    if (count < before) known.older += before;
    // Behind all others: the first are those that were not seen for longest.
    bySocket.delete(inode);
    bySocket.set(inode, count);
  }
  for (const [inode, count] of bySocket) {
    if (bySocket.size <= MAX_REMEMBERED_SOCKETS) break;
    bySocket.delete(inode);
    known.older += count;
  }
  return [...bySocket.values()].reduce((sum, count) => sum + count, known.older);
}

/** The drops of the sockets on an address that are connected to nobody, by inode. */
function socketsOn(table: string, address: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const wanted = ` ${address} ${address.replace(/[^:]/g, '0')} `;
  for (let at = table.indexOf(wanted); at >= 0; at = table.indexOf(wanted, at + 1)) {
    const start = table.lastIndexOf('\n', at) + 1;
    const end = table.indexOf('\n', at);
    const columns = table
      .slice(start, end < 0 ? table.length : end)
      .trim()
      .split(/\s+/);
    const [inode, drops] = [columns[COLUMN.inode], Number(columns[COLUMN.drops])];
    if (inode !== undefined && Number.isSafeInteger(drops) && drops >= 0) found.set(inode, drops);
  }
  return found;
}

/** As the tables write an address: words of 32 bits as the machine has them in memory, and the port. */
function tableAddress({ host, port }: ListenAddress): { readonly family: 4 | 6; readonly text: string } | undefined {
  const address = parseAddress(host);
  if (address === undefined) return undefined;
  const octets = Buffer.from(address.octets);
  if (endianness() === 'LE') octets.swap32();
  const text = `${octets.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  return { family: address.family, text };
}

/** What there is of a file, to the bound; nothing where it cannot be read. */
async function readBounded(file: string): Promise<string> {
  try {
    await using handle = await open(file);
    const parts: Buffer[] = [];
    let octets = 0;
    for await (const part of handle.createReadStream({ autoClose: false, end: MAX_SOCKET_TABLE_OCTETS - 1 })) {
      if (!Buffer.isBuffer(part)) continue;
      parts.push(part);
      octets += part.length;
    }
    return Buffer.concat(parts, octets).toString('latin1');
  } catch {
    return '';
  }
}
