import { spawnSync } from 'node:child_process';

/** Where a server of the bench lives: a folder of its own, the address to answer on, and the city database. */
export type Site = {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
};

/** Whether a server can be measured here; `why` is a sentence for the table of the missing. */
export type Found =
  | { readonly kind: 'found'; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string };

/** A server that is measured: how it is set up and started. It runs in the foreground and ends on SIGTERM. */
export type Peer = {
  /** Short name, also that of its folder. */
  readonly id: string;
  /** As in the table. */
  readonly title: string;
  /** `answers`: a DNS server whose answers are checked. `echo`: it only sends back what it got. */
  readonly speaks: 'answers' | 'echo';
  find(): Found;
  /** Its configuration: contents by path under the site's folder. A pure function of the site. */
  files(site: Site): ReadonlyMap<string, string | Uint8Array>;
  /** The program and its arguments. */
  command(site: Site): readonly string[];
};

/** Debian keeps servers where the PATH of a user does not look. */
const SERVER_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/** The environment that servers are looked up and started in. */
export const SERVER_ENV: NodeJS.ProcessEnv = { ...process.env, PATH: SERVER_PATH };

/** Longest time that a program may take to tell its version, in ms. */
const VERSION_MS = 5000;

/** Asks an installed program for its version; the first group of the pattern is it. */
export function installed(program: string, args: readonly string[], pattern: RegExp, packages: string): Found {
  const { error, stdout, stderr } = spawnSync(program, args, {
    env: SERVER_ENV,
    encoding: 'utf8',
    timeout: VERSION_MS,
  });
  if (error !== undefined) return { kind: 'missing', why: `not installed (Debian: ${packages})` };
  return { kind: 'found', version: pattern.exec(stdout + stderr)?.[1] ?? 'unknown' };
}
