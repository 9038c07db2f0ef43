import { isIPv6 } from 'node:net';
import type { ListenAddress } from '../../core/ports.ts';
import { createClientAddress, readAddress } from '../client-address.ts';
import { errorName, type SystemCalls } from './system.ts';

/** Receive buffer asked of the system, in octets: its default loses bursts. The system may give less. */
const UDP_RECEIVE_BUFFER_OCTETS = 2 * 1024 * 1024;
/** A receive returns empty-handed after so long, in ms: the longest that a stop or idle work waits. */
const UDP_RECEIVE_TIMEOUT_MS = 100;
/** How long a send may wait for room before its answers are dropped, in ms. */
const UDP_SEND_TIMEOUT_MS = 20;

/** Numbers of Linux (socket(7), ip(7), ipv6(7)). */
const FAMILY = { 4: { number: 2, length: 16, at: 4 }, 6: { number: 10, length: 28, at: 8 } } as const;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** The level of socket options (socket(7)). */
export const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const SOL_IP = 0;
const IP_PKTINFO = 8;
const SOL_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;
const SHUT_RD = 0;

const NAME_OCTETS = 32;
const VALUE_AT = NAME_OCTETS;
const SCRATCH_OCTETS = 64;

/** A bound socket. */
export type BoundSocket = {
  readonly fd: number;
  readonly family: 4 | 6;
  readonly packetInfo: boolean;
  readonly address: ListenAddress;
};

/** Opens and closes the sockets of the native engine. */
export type Sockets = {
  /** So many sockets on one address and port; port 0 takes a free one. Throws the system's error, as Node shapes it. */
  open(address: ListenAddress, count: number): readonly BoundSocket[];
  close(sockets: readonly BoundSocket[]): void;
};

/** Sockets over these calls. */
export function createSockets(calls: SystemCalls): Sockets {
  const scratch = new ArrayBuffer(SCRATCH_OCTETS);
  const view = new DataView(scratch);
  const at = calls.addressOf(scratch);

  const setNumber = (fd: number, level: number, option: number, value: number): number => {
    view.setInt32(VALUE_AT, value, true);
    return calls.setOption(fd, level, option, at + VALUE_AT, 4);
  };
  const setTime = (fd: number, option: number, ms: number): number => {
    view.setBigInt64(VALUE_AT, BigInt(Math.floor(ms / 1000)), true);
    view.setBigInt64(VALUE_AT + 8, BigInt((ms % 1000) * 1000), true);
    return calls.setOption(fd, SOL_SOCKET, option, at + VALUE_AT, 16);
  };
  const writeName = ({ host, port }: ListenAddress): void => {
    const client = createClientAddress();
    readAddress(host, client);
    const family = FAMILY[isIPv6(host) ? 6 : 4];
    new Uint8Array(scratch).fill(0);
    view.setUint16(0, family.number, true);
    view.setUint16(2, port);
    new Uint8Array(scratch, family.at, family === FAMILY[4] ? 4 : 16).set(
      client.octets.subarray(0, family === FAMILY[4] ? 4 : 16),
    );
  };
  const portOf = (fd: number): number => {
    view.setInt32(VALUE_AT, NAME_OCTETS, true);
    return calls.socketName(fd, at, at + VALUE_AT) < 0 ? 0 : view.getUint16(2);
  };

  /** The options that a worker relies on. Whether the buffer is as large as wished, it does not. */
  const prepare = (fd: number, family: 4 | 6, packetInfo: boolean): number => {
    setNumber(fd, SOL_SOCKET, SO_RCVBUF, UDP_RECEIVE_BUFFER_OCTETS);
    const results = [
      setTime(fd, SO_RCVTIMEO, UDP_RECEIVE_TIMEOUT_MS),
      setTime(fd, SO_SNDTIMEO, UDP_SEND_TIMEOUT_MS),
      family === 6 ? setNumber(fd, SOL_IPV6, IPV6_V6ONLY, 1) : 0,
      packetInfo && family === 6 ? setNumber(fd, SOL_IPV6, IPV6_RECVPKTINFO, 1) : 0,
      packetInfo && family === 4 ? setNumber(fd, SOL_IP, IP_PKTINFO, 1) : 0,
    ];
    return Math.min(...results);
  };
  const shareport = (fd: number): number => setNumber(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  const bindTo = (fd: number, address: ListenAddress, family: 4 | 6): number => {
    writeName(address);
    return calls.bind(fd, at, FAMILY[family].length);
  };

  const openOne = (address: ListenAddress, mode: 'alone' | 'first' | 'beside'): BoundSocket => {
    const family = isIPv6(address.host) ? 6 : 4;
    const packetInfo = address.host === '0.0.0.0' || address.host === '::';
    const fd = must(calls.socket(FAMILY[family].number, SOCK_DGRAM_CLOEXEC), 'socket', address);
    try {
      must(prepare(fd, family, packetInfo), 'setsockopt', address);
      // The first binds without sharing, so that a port that anybody else has is an error, even if he would share it.
      // Only then it lets its sisters in.
      if (mode === 'beside') must(shareport(fd), 'setsockopt', address);
      must(bindTo(fd, address, family), 'bind', address);
      if (mode === 'first') must(shareport(fd), 'setsockopt', address);
      return { fd, family, packetInfo, address: { host: address.host, port: portOf(fd) } };
    } catch (error) {
      calls.close(fd);
      throw error;
    }
  };

  const close = (sockets: readonly BoundSocket[]): void => {
    for (const { fd } of sockets) calls.close(fd);
  };

  const open = (address: ListenAddress, count: number): readonly BoundSocket[] => {
    const first = openOne(address, count === 1 ? 'alone' : 'first');
    const sockets = [first];
    try {
      while (sockets.length < count) sockets.push(openOne(first.address, 'beside'));
      return sockets;
    } catch (error) {
      close(sockets);
      throw error;
    }
  };

  return { open, close };
}

/** Ends all waiting on these sockets, for good: a reader that waits gets one empty message. */
export function wakeReaders(calls: Pick<SystemCalls, 'shutdown'>, sockets: readonly BoundSocket[]): void {
  // It says ENOTCONN, as there is no other end, and wakes the readers all the same.
  for (const { fd } of sockets) calls.shutdown(fd, SHUT_RD);
}

/** The error as Node's own sockets throw it. */
export function must(result: number, syscall: string, { host, port }: ListenAddress): number {
  if (result >= 0) return result;
  const code = errorName(result);
  const error = new Error(`${syscall} ${code} ${host}:${port}`);
  throw Object.assign(error, { code, errno: result, syscall, address: host, port });
}
