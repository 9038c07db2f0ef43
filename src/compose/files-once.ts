import { lookAtTokens } from '../admin/followed-tokens.ts';
import { lookAtMaterial } from '../admin/tls/tls-files.ts';
import type { Config } from '../config/config.ts';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { NamedMonitor } from '../core/desired/model.ts';
import type { Clock } from '../core/ports.ts';
import { lookAtAccess } from '../gauges/look-at-access.ts';
import { followFile } from '../prober/followed-file.ts';
import { createHeaderFiles } from '../prober/header-files.ts';
import { createTrust } from '../prober/trust.ts';

/**
 * What a director would say of the files that its configuration names, beside manifests and databases: tokens, certificates,
 * logins, headers. Each is read once; nothing is asked or opened to anybody.
 */
export async function readFilesOnce(config: Config, clock: Pick<Clock, 'now'>): Promise<readonly Finding[]> {
  const { tokensFile, tls } = config.admin;
  const now = (): number => clock.now();
  const found = await Promise.all([
    tokensFile === undefined ? [] : lookAtTokens({ file: tokensFile, follow: followFile, clock }),
    tls === undefined ? [] : lookAtTls(tls),
    lookAtAccess((config.declaration.monitors ?? []).flatMap(gaugesOf), { follow: followFile, now }),
    lookAtProber(config.prober, now),
  ]);
  return found.flat();
}

async function lookAtTls(tls: NonNullable<Config['admin']['tls']>): Promise<readonly Finding[]> {
  const reading = await lookAtMaterial(tls);
  if (reading.kind === 'read') return [];
  const { file, problem } = reading;
  return [
    finding(
      'admin-tls-unreadable',
      { file },
      `${problem}.`,
      'Correct the file, or the key: no director starts with it as it is.',
    ),
  ];
}

function gaugesOf({ source }: NamedMonitor) {
  const own = source.kind === 'load' ? source.from : source;
  return own.kind === 'prometheus' ? [own.gauge] : [];
}

async function lookAtProber({ trustFile, headers }: Config['prober'], now: () => number): Promise<readonly Finding[]> {
  const parts = new Map<string, readonly Finding[]>();
  const trust = createTrust({ file: trustFile, now, onFindings: (findings) => void parts.set('trust', findings) });
  const onFindings = (findings: readonly Finding[]): void => void parts.set('headers', findings);
  const headersFor = createHeaderFiles({ sources: headers, now, onFindings });
  await trust.context();
  // Who asks for the headers of a host whose file cannot be read is told so as a failed probe: the finding is what counts.
  await Promise.allSettled(
    headers.flatMap(({ hosts }) => hosts.slice(0, 1)).map((host) => headersFor(host.replace(/^\*/, 'x'))),
  );
  return [...(parts.get('trust') ?? []), ...(parts.get('headers') ?? [])];
}
