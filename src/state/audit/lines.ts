import type { AuditEntry } from '../../core/ports.ts';
import { type Chained, type Follows, headOf, lineOf } from './chain.ts';

/** Where the chain is. `at`: of the first line of a file that begins with them, in ms since the epoch; undefined: the file goes on. */
export type LinesBehind = {
  readonly seq: number;
  readonly hash: string;
  readonly follows: Follows | undefined;
  readonly at: number | undefined;
};

/** The lines of entries, behind the first line of a file that begins with them; and where the chain is then. */
export function linesOf(entries: readonly AuditEntry[], { seq: last, hash: previous, follows, at }: LinesBehind) {
  let [seq, hash] = [last, previous];
  const octets: Buffer[] = [];
  const add = (make: (seq: number) => Chained): void => {
    seq += 1;
    const line = make(seq);
    octets.push(line.octets);
    hash = line.hash;
  };
  if (at !== undefined) add((number) => headOf(number, at, hash, follows));
  for (const entry of entries) add((number) => lineOf(number, entry, hash));
  return { octets: Buffer.concat(octets), seq, hash };
}
