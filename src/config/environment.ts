import { quote } from '../core/desired/quote.ts';
import { nearest } from '../core/desired/suggest.ts';
import type { ListenAddress } from '../core/ports.ts';
import type { LogLevel } from './config.ts';
import { LISTEN_ADDRESS, parseListenAddress } from './listen-address.ts';
import type { ConfigProblem } from './problem.ts';
import { LOG_LEVELS } from './schema.ts';

/** The environment variables that Azimuth reads. */
const ENVIRONMENT = {
  AZIMUTH_DNS_LISTEN: 'Replaces dns.listen: addresses parted by commas.',
  AZIMUTH_ADMIN_LISTEN: 'Replaces admin.listen.',
  AZIMUTH_STATE_DIRECTORY: 'Replaces state.directory; relative to the working directory.',
  AZIMUTH_LOG_LEVEL: 'Replaces log.level.',
  AZIMUTH_ADMIN_TOKEN: 'The token that the CLI shows to the admin API.',
  AZIMUTH_ADMIN_URL: 'Where the CLI looks for the admin API.',
  AZIMUTH_ADMIN_CA: 'An authority that the CLI trusts beside those of the system.',
  AZIMUTH_ADMIN_CERT: 'The client certificate of the CLI.',
  AZIMUTH_ADMIN_KEY: 'The key of it.',
} as const;

/** What the environment lays over the file; absent where it says nothing. */
export type Overrides = {
  readonly dnsListen?: readonly ListenAddress[];
  readonly adminListen?: ListenAddress;
  readonly stateDirectory?: string;
  readonly logLevel?: LogLevel;
};

/** Kubernetes sets such variables for a Service called azimuth; they are not mistyped ones of ours. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_.*)?)?)$/;

/** Reads our variables; an empty one counts as not set. Problems name the variable, never the value of an unknown one. */
export function readEnvironment(env: NodeJS.ProcessEnv): {
  readonly overrides: Overrides;
  readonly problems: readonly ConfigProblem[];
} {
  const problems: ConfigProblem[] = [...mistyped(env)];
  const read = <Value>(
    name: keyof typeof ENVIRONMENT,
    expected: string,
    parse: (text: string) => Value | undefined,
  ) => {
    const text = env[name]?.trim();
    if (text === undefined || text === '') return undefined;
    const value = parse(text);
    if (value === undefined) problems.push({ file: 'environment', path: name, expected, found: quote(text) });
    return value;
  };
  const dnsListen = read('AZIMUTH_DNS_LISTEN', `${LISTEN_ADDRESS}, several parted by commas`, parseListenAddresses);
  const adminListen = read('AZIMUTH_ADMIN_LISTEN', LISTEN_ADDRESS, parseListenAddress);
  const stateDirectory = read('AZIMUTH_STATE_DIRECTORY', 'a path', (text) => text);
  const logLevel = read('AZIMUTH_LOG_LEVEL', `one of ${LOG_LEVELS.join(', ')}`, (text) =>
    LOG_LEVELS.find((level) => level === text),
  );
  const overrides: Overrides = {
    ...(dnsListen && { dnsListen }),
    ...(adminListen && { adminListen }),
    ...(stateDirectory && { stateDirectory }),
    ...(logLevel && { logLevel }),
  };
  return { overrides, problems };
}

function parseListenAddresses(text: string): readonly ListenAddress[] | undefined {
  const addresses = text.split(',').map((part) => parseListenAddress(part.trim()));
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}

function mistyped(env: NodeJS.ProcessEnv): readonly ConfigProblem[] {
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith('AZIMUTH_') || Object.hasOwn(ENVIRONMENT, name) || SERVICE_LINK.test(name)) return [];
    const near = nearest(name, Object.keys(ENVIRONMENT));
    if (near === undefined) return [];
    const problem = { file: 'environment', path: name, expected: 'a variable that Azimuth knows' };
    return [{ ...problem, found: 'an unknown one', suggestion: `did you mean ${near}?` }];
  });
}
