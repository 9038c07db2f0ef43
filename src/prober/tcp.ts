import { dial } from './dial.ts';
import { type ProbeFunction, SUCCESS } from './probe.ts';

/** Probe of a TCP port: a connection that opens is a success. Nothing is sent. */
export const probeTcp: ProbeFunction = async (monitor, flight) => {
  const socket = await dial(monitor, flight);
  socket.destroy();
  return SUCCESS;
};
