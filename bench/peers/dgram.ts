import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.ts';

const LOOP = fileURLToPath(new URL('./dgram-loop.ts', import.meta.url));

/** The portable engine's peer: node:dgram, the same lookup, and nothing else of a DNS server. */
export const dgram: Peer = {
  id: 'dgram',
  title: 'plain node:dgram loop',
  speaks: 'answers',
  find: () => ({ kind: 'found', version: `Node ${process.versions.node}` }),
  files: () => new Map(),
  command: ({ host, port, database }) => [process.execPath, LOOP, host, `${port}`, database],
};
