/** `docs/benchmarks.md`: five parts, each written by its own program and kept by the others. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Absent } from './contestants.ts';
import type { Machine } from './machine.ts';
import type { Plan } from './measure.ts';
import type { Named } from './report.ts';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);
/** The parts in their order. */
const PARTS = ['peers', 'engine', 'rest', 'schedule', 'clusters'] as const;
type Part = (typeof PARTS)[number];
/** What each part begins with. */
const HEADINGS: Readonly<Record<Part, string>> = {
  peers: '# Benchmarks',
  engine: '## The native engine by itself',
  rest: '## Benchmarks of the rest',
  schedule: '## The schedule of the prober',
  clusters: '## Live clusters',
};

/** All but the figures that the first part tells. */
export type Circumstances = {
  readonly machine: Machine;
  readonly plan: Plan;
  readonly generator: string;
  readonly peers: readonly Named[];
  readonly absent: readonly Absent[];
  /** A remark of whoever ran it, '' for none. */
  readonly remark: string;
};

/** The first part: beside its peers. */
export function peersPart({ machine, plan, generator, peers, absent, remark }: Circumstances, tables: string): string {
  const missing = absent.map(({ title, why }) => `- ${title}: ${why}`);
  return `# Benchmarks

Written by \`npm run bench\`, \`npm run bench:engine\`, \`npm run bench:control\`, \`npm run bench:schedule\` and \`npm run bench:clusters\` with
\`-- --write\`. Absolute figures are one machine's at one hour: what counts are the ratios, which are paired within each round.
${remark === '' ? '' : `\n**${remark}**\n`}
${machineText(machine)}
${plan.rounds} rounds of ${plan.seconds} s per server and load, in an order shuffled anew each time; medians. Load: ${generator}.

- Every server is set up for the same 1,000 names in three clusters, pinned to one core with one thread for UDP; the load
  comes from another core over loopback, from one source address per cluster. All of them run all the time.
- Right answers first: a sample of names × client subnets × sources has to give the nearest cluster's VIP before anything is
  measured. *Steers* says what was seen. Then each answer is checked for its id, QR, RCODE and a record.
- CPU µs is the server's user and system time per answered query (\`/proc/PID/stat\`): unlike qps it hardly depends on
  what else runs here. The C echo only sends packets back: what the system's sockets cost, and the limit for anybody.
- The database is made up and small (4,099 networks): with a real one all that read it need more memory.
- Random subnets are hostile to caches on purpose. BIND does not look at ECS in an authoritative answer, NSD does not steer.
- A fixed rate counts latency from the time a query was due. p99 is mostly this machine's scheduler.

${tables}

## Versions

${peers.map(({ title, version }) => `- ${title}: ${version}`).join('\n')}

Not measured:

${missing.length === 0 ? '- none is missing' : missing.join('\n')}
`;
}

/** One line on the machine and the hour. */
export function machineText({ cpu, cores, memoryGb, kernel, date, load }: Machine): string {
  return `${date}, ${cpu}, ${cores} cores, ${memoryGb} GiB, ${kernel}; load average at the start ${load.toFixed(2)}.\n`;
}

/** The page with one of its parts replaced; all others stay as they are. */
export function replacePart(page: string, part: Part, text: string): string {
  const parts = partsOf(page);
  parts.set(part, part === 'peers' ? text : `${HEADINGS[part]}\n\n${text}`);
  const inOrder = PARTS.map((each) => parts.get(each)?.trim() ?? '').filter((each) => each !== '');
  return `${inOrder.join('\n\n')}\n`;
}

function partsOf(page: string): Map<Part, string> {
  const starts = PARTS.map((part) => ({ part, at: page.indexOf(`${HEADINGS[part]}\n`) })).filter(({ at }) => at >= 0);
  const parts = starts.map(({ part, at }, i) => [part, page.slice(at, starts[i + 1]?.at)] as const);
  return new Map([['peers', '# Benchmarks'], ...parts]);
}

/** Replaces one part in the file. */
export function writePart(part: Part, text: string): void {
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  writeFileSync(PAGE, replacePart(page, part, text));
}
