import { azimuth } from './azimuth.ts';
import { bind } from './bind.ts';
import { dgram } from './dgram.ts';
import { echo } from './echo.ts';
import { gdnsd } from './gdnsd.ts';
import { knot } from './knot.ts';
import { nsd } from './nsd.ts';
import type { Peer } from './peer.ts';
import { powerdns } from './powerdns.ts';

/** All that is measured, in the order of the table. */
export function allPeers(echoProgram: Parameters<typeof echo>[0]): readonly Peer[] {
  return [echo(echoProgram), azimuth('native'), gdnsd, nsd, knot, bind, powerdns, azimuth('portable'), dgram];
}
