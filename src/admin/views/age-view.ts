import { type Static, Type } from 'typebox';
import type { ViewAge } from '../../core/ports.ts';
import { TIMESTAMP, timestamp } from '../page.ts';

/** Where what we know of a cluster comes from, and how old it is; null where nothing is known. */
export const AGE_VIEW = Type.Object({
  origin: Type.Union([Type.Literal('source'), Type.Literal('store'), Type.Literal('none')]),
  asOf: TIMESTAMP,
  ageSeconds: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
});

/** See `AGE_VIEW`. */
export type AgeView = Static<typeof AGE_VIEW>;

const NOTHING_KNOWN: AgeView = { origin: 'none', asOf: null, ageSeconds: null };

/** The age of our view of each cluster at `now`, in ms since the epoch. */
export function viewAges(ages: readonly ViewAge[], now: number): (cluster: string) => AgeView {
  const views = new Map(
    ages.map(({ cluster, origin, asOf = 0 }) => {
      // The wall clock may have been set back meanwhile.
      const ageSeconds = origin === 'none' ? null : Math.max(0, Math.round((now - asOf) / 1000));
      return [cluster, { origin, asOf: timestamp(asOf), ageSeconds }];
    }),
  );
  return (cluster) => views.get(cluster) ?? NOTHING_KNOWN;
}
