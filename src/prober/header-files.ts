import { parentOf } from '../core/desired/domain-name.ts';
import { type Finding, finding } from '../core/desired/finding.ts';
import { type TellFindings, tellChanges } from '../core/desired/finding-changes.ts';
import { ProbeError } from './failure.ts';
import { type FollowedFile, followFile } from './followed-file.ts';
import { type HeadersFor, NO_HEADERS, type ReadHeaders, readRequestHeaders } from './request-headers.ts';

/** Largest file of request headers that is read, in octets. */
export const MAX_HEADERS_BYTES = 16_384;

/** Headers for the probes of some hosts: `file` has them; hosts are hostnames, or `*.` and a name for all below it. */
export type HeaderSource = { readonly hosts: readonly string[]; readonly file: string };

/** What the header files need. */
export type HeaderFilesOptions = {
  readonly sources: readonly HeaderSource[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** All findings about the files, whenever they change. */
  readonly onFindings: TellFindings;
};

type Followed = { readonly source: HeaderSource; readonly read: FollowedFile<ReadHeaders> };

/**
 * Follows the files. The most specific entry counts: the hostname itself, then the longest name that it is below, and of
 * equal ones the first.
 */
export function createHeaderFiles(options: HeaderFilesOptions): HeadersFor {
  const { sources, now } = options;
  const tell = tellChanges(options.onFindings);
  const findings = sources.map((): readonly Finding[] => []);
  const byHost = new Map<string, Followed>();
  for (const [index, source] of sources.entries()) {
    const followed = follow(source, now, (found) => {
      findings[index] = found;
      tell(findings.flat());
    });
    for (const host of source.hosts) if (!byHost.has(host)) byHost.set(host, followed);
  }
  return async (host) => {
    const found = lookUp(byHost, host);
    if (found === undefined) return NO_HEADERS;
    const read = await found.read.value();
    if (read === undefined) throw new ProbeError('internal', `no request headers: ${found.source.file} was never read`);
    return read.headers;
  };
}

function follow(source: HeaderSource, now: () => number, tell: TellFindings): Followed {
  const { file } = source;
  let last: ReadHeaders = { headers: NO_HEADERS, refused: [] };
  const read = followFile({
    file,
    maxBytes: MAX_HEADERS_BYTES,
    now,
    parse(text) {
      last = readRequestHeaders(text);
      return last;
    },
    onLook: (problem) => tell([...unreadable(file, problem), ...refusals(file, last)]),
  });
  return { source, read };
}

function unreadable(file: string, problem: string | undefined): readonly Finding[] {
  if (problem === undefined) return [];
  return [finding('probe-headers-unreadable', { file }, problem, 'what it last held is sent; without any, nothing is')];
}

function refusals(file: string, { refused }: ReadHeaders): readonly Finding[] {
  return refused.map(({ line, reason }) => finding('probe-header-refused', { file, line }, reason));
}

function lookUp(byHost: ReadonlyMap<string, Followed>, host: string): Followed | undefined {
  if (byHost.size === 0 || host === '') return undefined;
  let found = byHost.get(host);
  for (let above = parentOf(host); found === undefined && above !== ''; above = parentOf(above)) {
    found = byHost.get(`*.${above}`);
  }
  return found;
}
