import { readdirSync, readlinkSync } from 'node:fs';

const DESCRIPTORS = '/proc/self/fd';

/** How many sockets of this process have a second descriptor (proc(5)): those are lent to Node. */
export function lentSockets(): number {
  const seen = readdirSync(DESCRIPTORS).flatMap(socketOf);
  return seen.length - new Set(seen).size;
}

/** The identity of the socket behind a descriptor; none where it is another thing, or was closed meanwhile. */
function socketOf(descriptor: string): string[] {
  try {
    const target = readlinkSync(`${DESCRIPTORS}/${descriptor}`);
    return target.startsWith('socket:') ? [target] : [];
  } catch {
    return [];
  }
}
