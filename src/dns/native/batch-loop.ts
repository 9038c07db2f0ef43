import type { DnsCounting } from '../counts-block.ts';
import type { Responder } from '../respond.ts';
import { type Batch, HEADER_STRIDE, MAX_BATCH } from './layout.ts';
import type { SystemCalls } from './system.ts';

/** What the loop works with. */
export type BatchLoopOptions = {
  readonly calls: Pick<SystemCalls, 'receive' | 'send'>;
  readonly fd: number;
  readonly batch: Batch;
  readonly responder: Responder;
  readonly counting: DnsCounting;
  /** Looks for new tables, after each receive and before its answers; 'stop' ends the loop after them. */
  takeNews(): 'go' | 'stop';
  /** Nothing came within the receive timeout. */
  onIdle(): void;
  /** A call failed in a way that belongs to no ordinary day. */
  onTrouble(call: 'recvmmsg' | 'sendmmsg', error: number): void;
  /** Waits a moment, so that a socket that only fails costs no processor. */
  pause(): void;
};

/** Negated errnos of Linux that need a treatment of their own; all others are survived alike. */
const EINTR = -4;
const EAGAIN = -11;
const ENOBUFS = -105;

/** Failing receives in a row before each further one waits. */
const PATIENT_FAILURES = 8;

/**
 * Receives, answers and sends in batches until it is told to stop. It never returns to the event loop: no timer and no
 * promise of this thread runs meanwhile. Idle, it sleeps in the kernel. Allocates nothing per message and never throws.
 */
export function runBatches(options: BatchLoopOptions): void {
  const { calls, fd, batch } = options;
  let failures = 0;
  for (;;) {
    const received = calls.receive(fd, batch.receiveAt, MAX_BATCH);
    // Behind the receive, so that whoever asks after a change gets the change.
    const news = options.takeNews();
    if (received > 0) {
      failures = 0;
      answerBatch(options, received);
    } else if (received === EAGAIN) options.onIdle();
    else if (received !== EINTR) {
      options.onTrouble('recvmmsg', received);
      failures += 1;
      if (failures > PATIENT_FAILURES) options.pause();
    }
    if (news === 'stop') return;
  }
}

function answerBatch(options: BatchLoopOptions, count: number): void {
  const { batch } = options;
  let first = 0;
  for (let slot = 0; slot < count; slot++) {
    const length = answerSlot(options, slot);
    if (length > 0) batch.answer(slot, length);
    else {
      // Headers are sent in a row: a slot without an answer ends one.
      sendSlots(options, first, slot);
      first = slot + 1;
    }
  }
  sendSlots(options, first, count);
  batch.clear(count);
}

function answerSlot({ batch, responder, counting }: BatchLoopOptions, slot: number): number {
  if (batch.isCut(slot)) {
    counting.drop('oversize');
    return 0;
  }
  // Nobody can be answered there.
  if (batch.sourcePort(slot) === 0) {
    counting.drop('source-port');
    return 0;
  }
  const { queries, clients, responses } = batch;
  return responder.respond(queries[slot]!, batch.length(slot), clients[slot]!, 'udp', responses[slot]!);
}

function sendSlots(options: BatchLoopOptions, from: number, to: number): void {
  const { calls, fd, batch, counting } = options;
  let slot = from;
  while (slot < to) {
    const sent = calls.send(fd, batch.sendAt + slot * HEADER_STRIDE, to - slot);
    if (sent > 0) slot += sent;
    else if (sent === EAGAIN || sent === ENOBUFS) {
      // The way out is full. To wait for it would lose the queries that come in.
      for (; slot < to; slot++) counting.drop('busy');
    } else if (sent !== EINTR) {
      // It is the first one that fails; those behind it shall not suffer for one bad destination.
      counting.drop('send-failed');
      options.onTrouble('sendmmsg', sent);
      slot += 1;
    }
  }
}
