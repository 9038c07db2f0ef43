/** Processor time of the other threads of this process, as Linux tells it (proc(5)): load of other processes is not in it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc are hundredths of a second on every Linux. */
const TICK_MS = 10;
const TASKS = '/proc/self/task';

/** The threads that there are. */
export function threadsNow(): ReadonlySet<string> {
  return new Set(readdirSync(TASKS));
}

/** Waits so long, and tells what the busiest thread but `others` used meanwhile, and how many of them there were. */
export async function threadTimeOver(
  ms: number,
  others: ReadonlySet<string>,
): Promise<{ readonly busiestMs: number; readonly threads: number }> {
  const before = threadTimes(others);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const used = [...threadTimes(others)].map(([id, time]) => time - (before.get(id) ?? time));
  return { busiestMs: Math.max(0, ...used), threads: used.length };
}

/** User and system time by thread, in ms. */
function threadTimes(others: ReadonlySet<string>): ReadonlyMap<string, number> {
  const ids = readdirSync(TASKS).filter((id) => !others.has(id));
  return new Map(
    ids.map((id) => {
      const stat = readFileSync(`${TASKS}/${id}/stat`, 'utf8');
      // Behind the name, which may hold spaces, the state is the first field: fields 14 and 15 of the line are times.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [id, (Number(fields[11]) + Number(fields[12])) * TICK_MS];
    }),
  );
}
