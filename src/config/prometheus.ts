import { resolve } from 'node:path';
import type { Static } from 'typebox';
import type { GaugeAccess, GaugeQuery } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import type { Assembly } from './assembly.ts';
import { parseDuration } from './duration.ts';
import type { Complain, Path } from './problem.ts';
import type { NamedMonitor } from './schema-monitors.ts';

type Entry = NonNullable<NonNullable<Static<typeof NamedMonitor>['load']>['prometheus']>;

/** Keys that only a server with TLS has a use for. */
const OF_TLS = ['trust', 'certificate'] as const;

/** What a Prometheus server is asked for, and how it is let in. Complains of keys that do not go together. */
export function gaugeQueryOf(entry: Entry, path: Path, assembly: Pick<Assembly, 'complain' | 'directory'>): GaugeQuery {
  const { url, expr, interval, timeout } = entry;
  const intervalMs = parseDuration(interval) ?? 0;
  const access = accessOf(entry, path, assembly);
  return {
    url,
    expr,
    intervalMs,
    // The default must not be a mistake beside a short interval.
    timeoutMs: Math.min(parseDuration(timeout) ?? 0, intervalMs),
    ...(Object.keys(access).length === 0 ? {} : { access }),
  };
}

function accessOf(
  entry: Entry,
  path: Path,
  { complain, directory }: Pick<Assembly, 'complain' | 'directory'>,
): GaugeAccess {
  const { url, trust, certificate } = entry;
  for (const key of OF_TLS) {
    if (entry[key] === undefined || url.startsWith('https:')) continue;
    const suggestion = `did you mean ${quote(url.replace(/^http:/, 'https:'))}?`;
    complain([...path, key], {
      expected: 'a URL with https, which alone has a use for it',
      found: quote(url),
      suggestion,
    });
  }
  const login = loginOf(entry.login, [...path, 'login'], complain);
  return {
    ...(login === undefined ? {} : { login: absolute(login, directory) }),
    ...(trust === undefined ? {} : { trustFile: resolve(directory, trust) }),
    ...(certificate === undefined
      ? {}
      : {
          certificate: {
            file: resolve(directory, certificate.file),
            keyFile: resolve(directory, certificate['key-file']),
          },
        }),
  };
}

type Login = NonNullable<GaugeAccess['login']>;

function loginOf(login: Entry['login'], path: Path, complain: Complain): Login | undefined {
  if (login === undefined) return undefined;
  const { 'token-file': tokenFile, user, 'password-file': passwordFile } = login;
  if (tokenFile !== undefined && user === undefined && passwordFile === undefined) return { kind: 'bearer', tokenFile };
  if (tokenFile === undefined && user !== undefined && passwordFile !== undefined) {
    return { kind: 'basic', user, passwordFile };
  }
  const given = Object.keys(login).map(quote).join(' and ');
  const expected = 'either token-file, or user and password-file';
  complain(path, { expected, found: given === '' ? 'none of them' : given });
  return undefined;
}

function absolute(login: Login, directory: string): Login {
  return login.kind === 'bearer'
    ? { ...login, tokenFile: resolve(directory, login.tokenFile) }
    : { ...login, passwordFile: resolve(directory, login.passwordFile) };
}
