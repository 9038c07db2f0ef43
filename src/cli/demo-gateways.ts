import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How long the gateways may take until they listen, in ms. */
const START_TIMEOUT_MS = 20_000;
const GATEWAYS = 3;

/** A gateway of the demo that listens. */
export type DemoGateway = {
  readonly name: string;
  readonly address: string;
  readonly http: number;
  readonly https: number;
  readonly pid: number;
};

/** The demo's gateways, real processes of their own. */
export type DemoGateways = { readonly gateways: readonly DemoGateway[]; stop(): Promise<void> };

/** Starts the three gateways of `examples/`. Rejects where one cannot listen. `onEnd` hears when one ends later. */
export async function startDemoGateways(onEnd: (name: string) => void): Promise<DemoGateways> {
  const script = fileURLToPath(new URL('../../examples/gateways/start.ts', import.meta.url));
  // A group of its own: Ctrl-C at the terminal ends the director first, and the director ends the gateways. However the
  // director ends, the channel between the two closes and tells them.
  const child = fork(script, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const gateways: DemoGateway[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('the demo gateways did not start in time')), START_TIMEOUT_MS);
  if (child.stdout === null) throw new Error('the demo gateways have no output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = readLine(line);
    if (message === 'other') return;
    if (message.kind === 'ready') gateways.push(message.gateway);
    if (gateways.length === GATEWAYS) resolve();
    if (message.kind !== 'ended') return;
    onEnd(message.name);
    reject(new Error(`the demo gateway ${message.name} could not start: are its ports taken?`));
  });
  try {
    await promise;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { gateways: gateways.toSorted((a, b) => a.address.localeCompare(b.address)), stop };
}

type Line =
  | { readonly kind: 'ready'; readonly gateway: DemoGateway }
  | { readonly kind: 'ended'; readonly name: string };

/** The lines are our own programs'; anything else on their output is passed over. */
function readLine(line: string): Line | 'other' {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'other';
  }
  if (typeof value !== 'object' || value === null) return 'other';
  const fields = new Map<string, unknown>(Object.entries(value));
  const name = String(fields.get('name'));
  if (fields.get('ended') === true) return { kind: 'ended', name };
  if (fields.get('ready') !== true) return 'other';
  const number = (key: string): number => Number(fields.get(key));
  const address = String(fields.get('address'));
  return {
    kind: 'ready',
    gateway: { name, address, http: number('http'), https: number('https'), pid: number('pid') },
  };
}
