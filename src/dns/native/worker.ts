/** The thread of one socket: `WorkerOrders` in as `workerData`, `WorkerReport`s out, until the generation says STOP. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { createCoarseClock } from '../coarse-clock.ts';
import { countInto } from '../counts-block.ts';
import { createResponder } from '../respond.ts';
import { udpSlotOctets } from '../settings.ts';
import { runBatches } from './batch-loop.ts';
import { createBatch } from './layout.ts';
import { renewed, STOP, type TableNews, tableOf, type WorkerOrders, type WorkerReport } from './orders.ts';
import { createReclaim } from './reclaim.ts';
import { countSocketError, type SocketCall } from './socket-errors.ts';
import { errorName, loadSystem, type SystemCalls } from './system.ts';

/** How long a worker waits between receives that only fail, in ms. */
const TROUBLE_PAUSE_MS = 20;

function work(orders: WorkerOrders, calls: SystemCalls): void {
  const { fd, family, packetInfo, settings, diceStart, generation, news } = orders;
  const counting = countInto(orders.counts, orders.zones);
  const reclaim = createReclaim();
  let table = tableOf(orders.table);
  let seen = 0;
  const takeNews = (): 'go' | 'stop' => {
    const now = Atomics.load(generation, 0);
    if (now === seen) return 'go';
    if (now === STOP) return 'stop';
    seen = now;
    for (let each = nextOf(news); each !== undefined; each = nextOf(news)) {
      table = renewed(table, each);
      reclaim.retired(each);
    }
    return 'go';
  };
  const responder = createResponder({ ...settings, diceStart, counting, table: () => table, now: createCoarseClock() });
  const slotOctets = udpSlotOctets(settings.udpSize);
  const batch = createBatch({ family, packetInfo, slotOctets, addressOf: calls.addressOf });
  const pause = (): void => void Atomics.wait(generation, 0, seen, TROUBLE_PAUSE_MS);
  report({ kind: 'ready' });
  runBatches({
    calls,
    fd,
    batch,
    responder,
    counting,
    takeNews,
    onIdle: reclaim.idle,
    onTrouble: onTrouble(orders),
    pause,
  });
}

function nextOf(news: MessagePort): TableNews | undefined {
  const received: { readonly message: TableNews } | undefined = receiveMessageOnPort(news);
  return received?.message;
}

/** Each error is told once per call and thread: what goes on is in the counters. */
function onTrouble({ errors }: WorkerOrders): (call: SocketCall, error: number) => void {
  const told = new Set<string>();
  return (call, negated) => {
    countSocketError(errors, call, negated);
    const error = errorName(negated);
    if (told.has(`${call} ${error}`)) return;
    told.add(`${call} ${error}`);
    report({ kind: 'trouble', call, error });
  };
}

function report(what: WorkerReport): void {
  parentPort?.postMessage(what, []);
}

const orders: WorkerOrders = workerData;
const system = loadSystem();
if (system.kind === 'unavailable') throw new Error(system.reason);
work(orders, system.calls);
orders.news.close();
