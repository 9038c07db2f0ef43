/**
 * The plain node:dgram loop that the portable engine is compared with: the product's own responder over the same names
 * and database, and nothing else of a server. `node dgram-loop.ts ADDRESS PORT DATABASE`
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createMessageBuffer } from '../../src/core/snapshot/message-buffer.ts';
import { createClientAddress, readAddress } from '../../src/dns/client-address.ts';
import { readPlaces } from '../../src/geo/read-places.ts';
import { modelOf, responderOver, snapshotOf } from '../model.ts';
import { CLUSTERS, hostnames } from '../world.ts';

const [host = '127.0.0.1', port = '0', database = ''] = process.argv.slice(2);
const places = { ...readPlaces(readFileSync(database)), source: database };
const { responder } = responderOver(snapshotOf(modelOf(hostnames(), CLUSTERS), places));
const client = createClientAddress();
const asked = createMessageBuffer(1280);
const answer = createMessageBuffer(1232);

// Without a `lookup` of its own, dgram asks the resolver for every address that it sends to: as slow, and not plain.
const socket = createSocket({ type: 'udp4', lookup: (address, _options, done) => done(null, address, 4) });
socket.on('message', (query, peer) => {
  readAddress(peer.address, client);
  asked.octets.set(query);
  const length = responder.respond(asked, query.length, client, 'udp', answer);
  // A copy, because the system may not take it at once.
  socket.send(Buffer.from(answer.octets.subarray(0, length)), peer.port, peer.address);
});
socket.bind(Number(port), host, () => socket.setRecvBufferSize(2 * 1024 * 1024));
process.once('SIGTERM', () => socket.close());
