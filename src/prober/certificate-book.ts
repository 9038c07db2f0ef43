import { type Finding, finding } from '../core/desired/finding.ts';
import { type TellFindings, tellChanges } from '../core/desired/finding-changes.ts';
import type { Monitor, MonitorId } from '../core/desired/model.ts';
import { compareText } from '../core/desired/order.ts';
import type { Clock } from '../core/ports.ts';
import { daysUntil, type SeenCertificate } from './trace.ts';

/** Most certificates that have a finding of their own; the others are counted in one more. */
const MAX_NAMED = 100;
/** How long changes are collected before they are told, in ms: a first round brings many. */
const COLLECT_MS = 1000;

/** What the book needs. */
export type CertificateBookOptions = {
  readonly clock: Clock;
  /** How long before its end a certificate is worth a word, in ms; 0: never. */
  readonly warningMs: number;
  /** All findings about certificates, whenever they change. */
  readonly onFindings: TellFindings;
};

/** The certificates that end soon, or have ended, by the last look of each monitor that saw one. */
export type CertificateBook = {
  /** A probe saw this certificate. */
  take(monitor: Monitor, certificate: SeenCertificate): void;
  /** What other monitors saw is forgotten. */
  keep(monitors: readonly Monitor[]): void;
  close(): void;
};

type Ending = SeenCertificate & { readonly host: string; readonly place: string };

/** An empty book. */
export function createCertificateBook({ clock, warningMs, onFindings }: CertificateBookOptions): CertificateBook {
  const ending = new Map<MonitorId, Ending & { readonly days: number }>();
  let cancel: (() => void) | undefined;
  const tellAll = tellChanges(onFindings);

  function tell(): void {
    cancel = undefined;
    tellAll(findingsOf([...ending.values()], clock.now()));
  }

  function changed(): void {
    cancel ??= clock.after(COLLECT_MS, tell);
  }

  return {
    take(monitor, certificate) {
      const left = certificate.endsAt - clock.now();
      if (left >= warningMs) {
        if (ending.delete(monitor.id)) changed();
        return;
      }
      const days = daysUntil(certificate.endsAt, clock.now());
      const before = ending.get(monitor.id);
      if (before?.fingerprint === certificate.fingerprint && before.days === days) return;
      const { id, host, address, port } = monitor;
      ending.set(id, { ...certificate, host, place: `${address} port ${port}`, days });
      changed();
    },
    keep(monitors) {
      if (ending.size === 0) return;
      const kept = new Set(monitors.map(({ id }) => id));
      for (const id of ending.keys()) {
        if (kept.has(id)) continue;
        ending.delete(id);
        changed();
      }
    },
    close: () => cancel?.(),
  };
}

/** One finding for each certificate, the first to end first. */
function findingsOf(ending: readonly Ending[], now: number): readonly Finding[] {
  const byCertificate = Map.groupBy(ending, ({ fingerprint }) => fingerprint);
  const groups = [...byCertificate.values()]
    .map((group) => group.toSorted((a, b) => compareText(a.host, b.host) || compareText(a.place, b.place)))
    .toSorted(([a], [b]) => a!.endsAt - b!.endsAt || compareText(a!.host, b!.host) || compareText(a!.place, b!.place));
  const named = groups.slice(0, MAX_NAMED).map((group) => findingOf(group, now));
  const more = groups.length - named.length;
  if (more <= 0) return named;
  const origin = { file: 'certificates that probes saw' };
  return [...named, finding('certificate-expires-soon', origin, `${more} more certificates end soon`)];
}

function findingOf(group: readonly Ending[], now: number): Finding {
  const [first] = group;
  const { host, place, endsAt } = first!;
  const others = new Set(group.map((one) => one.host)).size - 1;
  const also = others === 0 ? '' : ` and of ${others} more ${others === 1 ? 'hostname' : 'hostnames'}`;
  const days = daysUntil(endsAt, now);
  const end = days < 0 ? `ended ${count(-days)} ago` : days === 0 ? 'ends within a day' : `ends in ${count(days)}`;
  const message = `the certificate of ${host}${also} ${end}`;
  const origin = { file: `${host} at ${place}` };
  return finding('certificate-expires-soon', origin, message, 'renew it: when it has ended, its probes fail');
}

function count(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
