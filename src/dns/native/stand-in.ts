import type { DnsServer } from '../../core/dns-ports.ts';
import { messageOf } from '../../core/error-message.ts';
import type { UdpAddress } from '../udp.ts';
import type { Lending } from './lending.ts';
import type { BoundSocket } from './sockets.ts';

/**
 * Answers on the socket of a worker that is not there, with the portable engine. It reads the very same socket: no client
 * is sent elsewhere, what waits there is answered, and the port is never free. Calls take effect one after the other;
 * none rejects.
 */
export type StandIn = {
  /** Resolves when it answers, or could not: that is told as trouble. */
  take(): Promise<void>;
  /** Leaves the socket to its worker. Resolves when it does not touch it any more. */
  leave(): Promise<void>;
};

/** What a stand-in needs. */
export type StandInOptions = {
  readonly socket: BoundSocket;
  readonly lending: Lending;
  /** Makes a server of the portable engine. */
  readonly portable: (at: UdpAddress) => DnsServer;
  readonly onTrouble: (message: string) => void;
};

/** A stand-in that waits. */
export function createStandIn({ socket, lending, portable, onTrouble }: StandInOptions): StandIn {
  let server: DnsServer | undefined;
  let turn = Promise.resolve();

  const inTurn = (step: () => Promise<void>): Promise<void> => {
    turn = turn.then(step).catch((error: unknown) => {
      const reason = messageOf(error);
      onTrouble(`the portable engine cannot stand in on ${socket.address.host} port ${socket.address.port}: ${reason}`);
    });
    return turn;
  };

  return {
    take: () =>
      inTurn(async () => {
        if (server !== undefined) return;
        const opened = portable({ ...socket.address, fd: lending.lend(socket) });
        await opened.listen();
        lending.unshare(socket);
        server = opened;
      }),
    leave: () =>
      inTurn(async () => {
        if (server === undefined) return;
        const left = server;
        server = undefined;
        await left.close();
        lending.takeBack(socket);
      }),
  };
}
