import pLimit from 'p-limit';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { GaugeQuery, NamedMonitor } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import type { GaugeReading } from '../core/health/external-gauge.ts';
import type { Clock, Gauges } from '../core/ports.ts';
import { type Asking, createAsk } from './ask.ts';
import { createCredentialFiles, type FollowFile } from './credential-files.ts';

/** Questions under way at the same time. */
const MAX_QUESTIONS = 16;

/** What the gauges need. */
export type GaugesOptions = {
  readonly clock: Clock;
  /** Those that are gauges are asked for. */
  readonly named: readonly NamedMonitor[];
  /** How files of logins and certificates are read. */
  readonly follow: FollowFile;
  /** Findings about gauges without a number and about those files, whenever they change. */
  readonly onFindings: (findings: readonly Finding[]) => void;
  /** Who asks; by default over the network. */
  readonly asking?: Asking;
  /** From [0, 1): shortens each first wait by that part of it, so that gauges part. Default `Math.random`. */
  readonly jitter?: () => number;
};

type Entry = {
  readonly monitor: NamedMonitor;
  readonly gauge: GaugeQuery;
  cancel: () => void;
  /** The question under way. */
  asked: Promise<void> | undefined;
  /** Settles after the first question, or when there will be none. */
  readonly first: PromiseWithResolvers<void>;
};

/** Makes the gauges: each is asked for at once, and then on its interval. The sink must not throw. */
export function createGauges(options: GaugesOptions): Gauges {
  const { clock, named, follow, onFindings, jitter = Math.random } = options;
  const entries = named.flatMap((monitor) => {
    const source = monitor.source.kind === 'load' ? monitor.source.from : monitor.source;
    return source.kind === 'prometheus' ? [newEntry(monitor, source.gauge)] : [];
  });
  const closing = new AbortController();
  const parts = createParts((findings) => {
    if (!closing.signal.aborted) onFindings(findings);
  });
  const files = createCredentialFiles({ follow, now: () => clock.now(), onFindings: (found) => parts.files(found) });
  const asking = options.asking ?? createAsk(files);
  const limit = pLimit(MAX_QUESTIONS);
  const troubles = createTroubles((found) => parts.troubles(found));
  let sink: ((reading: GaugeReading) => void) | undefined;

  async function question({ monitor, gauge }: Entry): Promise<void> {
    if (closing.signal.aborted) return;
    const outcome = await asking.ask(gauge, closing.signal);
    if (closing.signal.aborted) return;
    troubles.note(monitor.name, gauge.url, outcome);
    sink?.({ monitor: monitor.id, at: clock.now(), outcome });
  }

  function launch(entry: Entry, waitMs: number): void {
    entry.cancel = clock.after(waitMs, () => launch(entry, entry.gauge.intervalMs));
    // One at a time, so that the answers come in order.
    entry.asked ??= limit(() => question(entry)).finally(() => {
      entry.asked = undefined;
      entry.first.resolve();
    });
  }

  return {
    start(to) {
      if (sink !== undefined || closing.signal.aborted) return;
      sink = to;
      for (const entry of entries) launch(entry, entry.gauge.intervalMs * (1 - jitter()));
    },
    async firstRound() {
      await Promise.all(entries.map(({ first }) => first.promise));
    },
    async close() {
      closing.abort();
      sink = undefined;
      for (const entry of entries) {
        entry.cancel();
        entry.first.resolve();
      }
      await Promise.allSettled(entries.flatMap(({ asked }) => asked ?? []));
      await asking.close();
    },
  };
}

function newEntry(monitor: NamedMonitor, gauge: GaugeQuery): Entry {
  return { monitor, gauge, cancel: () => undefined, asked: undefined, first: Promise.withResolvers() };
}

/** Findings that come from two places, told together. */
function createParts(tell: GaugesOptions['onFindings']) {
  let [files, troubles]: (readonly Finding[])[] = [];
  const tellAll = (): void => tell([...(files ?? []), ...(troubles ?? [])]);
  return {
    files(findings: readonly Finding[]): void {
      files = findings;
      tellAll();
    },
    troubles(findings: readonly Finding[]): void {
      troubles = findings;
      tellAll();
    },
  };
}

/** Tells of gauges that have no number, once for each trouble. */
function createTroubles(onFindings: GaugesOptions['onFindings']) {
  const known = new Map<string, Finding>();
  return {
    note(name: string, server: string, outcome: GaugeReading['outcome']): void {
      if (outcome.kind === 'value') {
        if (known.delete(name)) onFindings([...known.values()]);
        return;
      }
      const message = `monitor ${name} has no number of ${server}: ${outcome.failure}: ${quote(outcome.detail)}`;
      if (known.get(name)?.message === message) return;
      known.set(name, finding('gauge-unreadable', { file: server, object: `monitor ${name}` }, message));
      onFindings([...known.values()]);
    },
  };
}
