/** Minutes for which all is well at first, then not, and then again. */
export type Phases = { readonly well: number; readonly ill: number; readonly again: number };

/** What a series says while all is well and while it is not: a value, or by how much it grows each minute. */
export type Values = { readonly kind: 'gauge' | 'counter'; readonly well: number; readonly ill: number };

/** What becomes of a director. One that is restarted is gone for two minutes, and counts from 0 again. */
export type Life = 'falls-ill' | 'falls-ill-and-restarts' | 'stays-well' | 'stays-well-and-restarts';

/** Series by name, with labels. */
export type SeriesOf<V> = Readonly<Record<string, V>>;

/** The director that a story is about; the others of it are called otherwise. */
export const WHO = { job: 'azimuth', instance: 'ns1:8053' } as const;

/** Minutes after the trouble began at which a restart is. */
export const RESTART_AFTER = 5;
const RESTART_TAKES = 2;

/** A value that is another one while things are not well. */
export function gauge(well: number, ill: number): Values {
  return { kind: 'gauge', well, ill };
}

/** A count that grows by so much each minute. */
export function counter(well: number, ill: number): Values {
  return { kind: 'counter', well, ill };
}

/** A series of that director, or of another one where the labels say so. */
export function named(metric: string, labels: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ ...WHO, ...labels }).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${all.join(',')}}`;
}

/** A histogram whose observations are all within one bucket, and within a later one while things are not well. */
export function histogram(
  metric: string,
  bounds: readonly string[],
  [well, ill]: readonly [string, string],
): SeriesOf<Values> {
  const [wellAt, illAt] = [bounds.indexOf(well), bounds.indexOf(ill)];
  const buckets = [...bounds, '+Inf'].map((le, at) => {
    return [named(`${metric}_bucket`, { le }), counter(at >= wellAt ? 60 : 0, at >= illAt ? 60 : 0)] as const;
  });
  return { ...Object.fromEntries(buckets), [named(`${metric}_count`)]: counter(60, 60) };
}

/** The series as another director has them: those of the story's director, under its name. */
export function asSeenBy(instance: string, series: SeriesOf<Values>): SeriesOf<Values> {
  const own = Object.entries(series).filter(([name]) => name.includes(WHO.instance));
  return Object.fromEntries(own.map(([name, values]) => [name.replaceAll(WHO.instance, instance), values]));
}

/** A value for each minute, as promtool reads them. */
export function told(name: string, { kind, well, ill }: Values, phases: Phases, life: Life): string {
  const restart = life.endsWith('restarts') ? phases.well + RESTART_AFTER : Number.POSITIVE_INFINITY;
  let value = kind === 'gauge' ? well : 0;
  const minutes = Array.from({ length: phases.well + phases.ill + phases.again }, (_, minute) => {
    const isIll = life.startsWith('falls-ill') && minute >= phases.well && minute < phases.well + phases.ill;
    if (minute >= restart && minute < restart + RESTART_TAKES) {
      value = 0;
      return absent(name, minute === restart);
    }
    if (kind === 'gauge') return isIll ? ill : well;
    if (minute > 0 && minute !== restart + RESTART_TAKES) value += isIll ? ill : well;
    return value;
  });
  return minutes.join(' ');
}

/** What a scrape that fails leaves: `up` says so, and of all others nothing. */
function absent(name: string, isFirst: boolean): string | number {
  if (name.startsWith('up{')) return 0;
  return isFirst ? 'stale' : '_';
}
