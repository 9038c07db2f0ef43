import { asText, at, field } from '../../core/desired/gateway-api/untrusted.ts';
import type { Fact } from '../../core/desired/picture.ts';
import type { Clock } from '../../core/ports.ts';
import { apiErrorOf } from './api-error.ts';
import { createBackOff } from './back-off.ts';
import type { Connection } from './connection.ts';
import { BUNDLE_INTERVAL_MS, BUNDLE_TIMEOUT_MS } from './limits.ts';
import { pause } from './pause.ts';

/** Which release of Gateway API's CRDs a cluster has. */
export type Bundle = {
  /** Runs until the signal is aborted. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Version and channel, as far as they are known. */
  facts(): readonly Fact[];
  /** `settled`: it was read, or that failed. */
  readiness(): 'settled' | 'unsettled';
};

/** What is needed to read a CRD. */
export type BundleOptions = {
  readonly connection: Connection;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly jitter: () => number;
  readonly onChange: () => void;
};

/** Every CRD of a release says which one it is of. */
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.gateway.networking.k8s.io';
/** Annotations are enough: the whole is 200 KB. A server that cannot do so sends all of it. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const ANNOTATIONS = [
  ['the release of Gateway API', 'gateway.networking.k8s.io/bundle-version'],
  ['the channel of Gateway API', 'gateway.networking.k8s.io/channel'],
] as const;

/**
 * Reads the CRD's annotations now and then. Whoever may not read CRDs does without: nothing depends on it but the comparison
 * with other clusters.
 */
export function createBundle({ connection, clock, jitter, onChange }: BundleOptions): Bundle {
  const backOff = createBackOff({ clock, jitter, connection });
  let facts: readonly Fact[] = [];
  let state: 'settled' | 'unsettled' = 'unsettled';

  /** The first picture waits for it: it must not wait for long. */
  async function read(signal: AbortSignal): Promise<unknown> {
    const over = new AbortController();
    const cancel = clock.after(BUNDLE_TIMEOUT_MS, () => over.abort());
    try {
      return await connection.read({ path: PATH, accept: METADATA_ONLY }, AbortSignal.any([signal, over.signal]));
    } finally {
      cancel();
      state = 'settled';
    }
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          const annotations = at(await read(signal), 'metadata', 'annotations');
          backOff.reset();
          facts = ANNOTATIONS.flatMap(([what, key]) => {
            const value = asText(field(annotations, key)) ?? '';
            return /^[\w.+-]{1,64}$/.test(value) ? [{ what, value }] : [];
          });
          onChange();
          await pause(clock, BUNDLE_INTERVAL_MS * (1 - jitter() / 2), signal);
        } catch (thrown) {
          if (signal.aborted) return;
          onChange();
          const { failure } = apiErrorOf(thrown);
          const isFinal = failure === 'forbidden' || failure === 'missing';
          await (isFinal ? pause(clock, BUNDLE_INTERVAL_MS, signal) : backOff.rest(failure, signal));
        }
      }
    },
    readiness: () => state,
    facts: () => facts,
  };
}
