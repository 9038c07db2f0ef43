import { writeSync } from 'node:fs';
import type { Clock } from '../core/ports.ts';

/** Most of the log that waits for its reader, in octets: what comes then is lost, and counted. */
const MAX_WAITING_OCTETS = 4 * 1024 * 1024;
/** From one look whether there is room again for the log to the next, in ms. */
const ROOM_LOOK_MS = 50;
/** Longest wait for the reader of the log at the end of a run, in ms; what waits then is lost. */
const LAST_WAIT_MS = 1_000;
/** The same, from one look to the next, in ms. */
const LAST_LOOK_MS = 10;

/** Where lines go. `write` never waits and never throws; `close` hands over what waits, within a bound. */
export type Destination = { write(line: string): void; close(): void };

/**
 * The standard output. A line is out at once where there is room: a process that is killed loses none. A reader who hangs,
 * one who is gone and a full disk hold nobody up; `onLost` is told how many lines were lost when there is room again.
 */
export function standardOutput(clock: Clock, onLost: (lines: number) => void): Destination {
  // Looked at once, pipes and sockets say that they are full in the place of waiting. Nobody else writes to it.
  const { fd } = process.stdout;
  /** What waits, each line or what is left of it. */
  const waiting: Buffer[] = [];
  let octets = 0;
  let lost = 0;
  let reader: 'there' | 'gone' = 'there';
  let cancelLook: (() => void) | undefined;

  const leave = (): void => {
    reader = 'gone';
    waiting.length = 0;
    octets = 0;
  };

  const flush = (): void => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const taken = put(fd, first);
      if (taken === 'gone') leave();
      if (typeof taken !== 'number') return;
      octets -= taken;
      if (taken === first.length) waiting.shift();
      else waiting[0] = first.subarray(taken);
    }
  };

  const look = (): void => {
    cancelLook = undefined;
    flush();
    if (waiting.length > 0) cancelLook = clock.after(ROOM_LOOK_MS, look);
    else tellLost();
  };

  const tellLost = (): void => {
    if (lost === 0 || reader === 'gone') return;
    const lines = lost;
    lost = 0;
    onLost(lines);
  };

  return {
    write(line) {
      if (reader === 'gone') return;
      const all = Buffer.from(line);
      if (octets + all.length > MAX_WAITING_OCTETS) {
        lost += 1;
        return;
      }
      waiting.push(all);
      octets += all.length;
      if (cancelLook === undefined) look();
    },
    close() {
      cancelLook?.();
      flush();
      const nobody = new Int32Array(new SharedArrayBuffer(4));
      for (let waited = 0; waiting.length > 0 && waited < LAST_WAIT_MS; waited += LAST_LOOK_MS) {
        Atomics.wait(nobody, 0, 0, LAST_LOOK_MS);
        flush();
      }
      if (waiting.length === 0) tellLost();
      leave();
    },
  };
}

/** How many octets are out. A full disk is no other than a full pipe: there may be room later. */
function put(fd: number, octets: Buffer): number | 'no-room' | 'gone' {
  try {
    return writeSync(fd, octets);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return ['EPIPE', 'ECONNRESET', 'EBADF'].includes(code) ? 'gone' : 'no-room';
  }
}
