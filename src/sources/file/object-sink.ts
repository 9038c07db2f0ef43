/** Takes the objects of one manifest in their order. */
export type ObjectSink = {
  /** An object and the line it starts on, from 1. */
  take(value: unknown, line: number): void;
  /** Nothing that was taken counts: the manifest is read in another way. */
  restart(): void;
};

/**
 * How a reading ended. `doubtful`: this way of reading does not understand the text, another may. `broken`: why and
 * where the text is no manifest.
 */
export type Reading =
  | { readonly kind: 'read' }
  | { readonly kind: 'doubtful' }
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string };

/** All is well. */
export const READ: Reading = Object.freeze({ kind: 'read' });
/** Another way has to be tried. */
export const DOUBTFUL: Reading = Object.freeze({ kind: 'doubtful' });
