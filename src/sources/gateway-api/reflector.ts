import type { Clock, KindView, ViewState } from '../../core/ports.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { createBackOff } from './back-off.ts';
import type { ApiQuestion, Connection } from './connection.ts';
import type { Discovery } from './discovery.ts';
import { apiVersionOf, type WatchedKind } from './kinds.ts';
import { SHORT_WATCH_MS } from './limits.ts';
import { listAll } from './list.ts';
import { noProgress, noteFailure, viewOf } from './progress.ts';
import { createShelf, type Room, type Shelf } from './shelf.ts';
import { type Translation, translate } from './translate.ts';
import { followWatch, type WatchEvent } from './watch-stream.ts';

/** What a reflector watches, with what, and whom it tells. */
export type ReflectorOptions = {
  readonly connection: Connection;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly jitter: () => number;
  readonly kind: WatchedKind;
  /** Where in the cluster. Empty: everywhere. */
  readonly namespace: string;
  /** The question for a served version of the kind. */
  question(version: string): ApiQuestion;
  readonly translation: Translation;
  readonly room: Room;
  /** `objects`: they, or their findings, changed. `view`: only the state did. */
  onChange(what: 'objects' | 'view'): void;
};

/** Keeps a shelf like the objects of one kind in one scope of a cluster. */
export type Reflector = {
  /** Runs until the signal is aborted. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** What is known, which outlives every failure. */
  readonly shelf: Shelf;
  readonly kind: WatchedKind;
  view(): KindView;
  /** `settled`: what is on the shelf is what the cluster had, or the kind was missing or forbidden twice in a row. */
  readiness(): 'settled' | 'unsettled';
};

/** A reflector of our own: the library's informer gives up on a broken connection, and asks for no bookmarks. */
export function createReflector(options: ReflectorOptions): Reflector {
  const { clock, connection, kind } = options;
  const backOff = createBackOff(options);
  const progress = noProgress();
  const shelf = createShelf((value) => {
    const type = { kind: kind.kind, apiVersion: apiVersionOf(kind.group, progress.served ?? '') };
    return translate(options.translation, type, value);
  }, options.room);

  function become(state: ViewState, problem?: string): void {
    if (progress.state === state && progress.problem === problem) return;
    Object.assign(progress, { state, problem });
    options.onChange('view');
  }

  async function list(signal: AbortSignal): Promise<string> {
    const served = await options.discovery.versionOf(kind);
    if (served === undefined) throw new ApiError('missing', `there is no ${kind.plural} in ${kind.group}`);
    progress.served = served;
    if (progress.lists === 0) become('syncing');
    const gathering = shelf.gather();
    const version = await listAll(connection, options.question(served), signal, (value) => gathering.add(value));
    const changed = gathering.done();
    progress.lists += 1;
    progress.absences = 0;
    progress.lastHeardAt = clock.now();
    if (changed || progress.lists === 1) options.onChange('objects');
    return version;
  }

  function onEvent(event: WatchEvent): void {
    progress.lastHeardAt = clock.now();
    progress.cursor = event.version ?? progress.cursor;
    backOff.reset();
    if (event.kind === 'bookmark') return;
    const changed = event.kind === 'put' ? shelf.put(event.value) : shelf.remove(event.value);
    if (changed) options.onChange('objects');
  }

  async function watch(version: string, signal: AbortSignal): Promise<void> {
    const question = options.question(progress.served ?? '');
    let openedAt: number | undefined;
    const onOpen = (): void => {
      openedAt = clock.now();
      become('watching');
    };
    const isShort = (): boolean => openedAt === undefined || clock.now() - openedAt < SHORT_WATCH_MS;
    progress.watches += 1;
    try {
      await followWatch({ ...options, question, version, onOpen, onEvent }, signal);
    } finally {
      if (!isShort()) backOff.reset();
    }
    // A proxy in between may take every question and answer none.
    if (isShort() && progress.cursor === version) throw new ApiError('unreachable', 'the watch was ended at once');
  }

  return {
    shelf,
    kind,
    async run(signal) {
      while (!signal.aborted) {
        try {
          progress.cursor ??= await list(signal);
          await watch(progress.cursor, signal);
          if (shelf.state() === 'full') progress.cursor = undefined;
        } catch (thrown) {
          if (signal.aborted) return;
          const error = apiErrorOf(thrown);
          if (error.failure === 'missing') options.discovery.forget();
          become(noteFailure(progress, error.failure), error.message);
          await backOff.rest(error.failure, signal);
        }
      }
    },
    view: () => viewOf(progress, kind, options.namespace, shelf.size()),
    readiness: () => (progress.lists > 0 || progress.absences > 1 ? 'settled' : 'unsettled'),
  };
}
