import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { CORE_SCHEMA, load } from 'js-yaml';
import { asList, asText, at, entriesOf, field } from '../../core/desired/gateway-api/untrusted.ts';
import { quote } from '../../core/desired/quote.ts';
import { MAX_SECRET_KUBECONFIG_OCTETS } from './limits.ts';

/** A kubeconfig of a Secret: what was checked of it and nothing else, written anew; or why it cannot be used. */
export type SecretKubeconfig = { readonly server: string; readonly text: string } | { readonly problem: string };

/** What may stand in an entry. Everything else could run programs, read files here, or go another way. */
const CLUSTER_KEYS = ['server', 'certificate-authority-data', 'tls-server-name', 'insecure-skip-tls-verify'];
const USER_KEYS = ['token', 'client-certificate-data', 'client-key-data'];
/** Says nothing of where and who. */
const IDLE_KEYS = ['extensions', 'disable-compression'];

/** Thrown inside this file only, with words for a person that quote no secret. */
class Unusable extends Error {}

/**
 * Reads a kubeconfig that somebody else wrote: of its current context, or the only one, the server, and a token or client
 * certificate, all of which must stand in it. Never throws. What the library gets is written here, so that it cannot
 * understand the text otherwise than it was checked.
 */
export function readSecretKubeconfig(octets: Buffer): SecretKubeconfig {
  if (octets.length > MAX_SECRET_KUBECONFIG_OCTETS) {
    return { problem: `the kubeconfig has over ${MAX_SECRET_KUBECONFIG_OCTETS} octets` };
  }
  let value: unknown;
  try {
    value = load(octets.toString('utf8'), { schema: CORE_SCHEMA, maxAliases: 0 });
  } catch {
    // The words of the error quote the text.
    return { problem: 'the kubeconfig is not valid YAML' };
  }
  try {
    return checked(value);
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.message };
    throw error;
  }
}

function checked(value: unknown): SecretKubeconfig {
  const context = field(contextOf(value), 'context');
  const cluster = field(named(value, 'clusters', asText(field(context, 'cluster'))), 'cluster');
  const user = field(named(value, 'users', asText(field(context, 'user'))), 'user');
  refuseOthers(cluster, CLUSTER_KEYS, 'cluster');
  refuseOthers(user, USER_KEYS, 'user');
  const server = serverOf(cluster);
  const insecure = field(cluster, 'insecure-skip-tls-verify');
  if (insecure !== undefined && insecure !== false) throw new Unusable('it does not verify the server');
  const who = userOf(user);
  const ca = dataOf(cluster, 'certificate-authority-data');
  const servername = asText(field(cluster, 'tls-server-name'));
  if (servername !== undefined && !/^[A-Za-z0-9.-]{1,253}$/.test(servername)) {
    throw new Unusable('its tls-server-name is no name');
  }
  tryKeys(ca, who['client-certificate-data'], who['client-key-data']);
  const at = {
    server,
    ...(ca === undefined ? {} : { 'certificate-authority-data': ca }),
    ...(servername === undefined ? {} : { 'tls-server-name': servername }),
  };
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: at }],
    users: [{ name: 'u', user: who }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  return { server, text };
}

function contextOf(value: unknown): unknown {
  const current = asText(field(value, 'current-context')) ?? '';
  if (current !== '') return named(value, 'contexts', current);
  const contexts = asList(field(value, 'contexts'));
  if (contexts.length !== 1) throw new Unusable('the kubeconfig has no current context, and not just one context');
  return contexts[0];
}

function named(value: unknown, list: string, name: string | undefined): unknown {
  const found = asList(field(value, list)).filter((one) => name !== undefined && field(one, 'name') === name);
  const words = name === undefined ? 'what its context names' : quote(name);
  if (found.length !== 1) throw new Unusable(`the kubeconfig does not have ${words} once in ${list}`);
  return found[0];
}

function refuseOthers(entry: unknown, allowed: readonly string[], what: string): void {
  for (const [key] of entriesOf(entry)) {
    if (allowed.includes(key) || IDLE_KEYS.includes(key)) continue;
    throw new Unusable(`${quote(key)} of its ${what} is not taken from a Secret`);
  }
}

function serverOf(cluster: unknown): string {
  const text = asText(field(cluster, 'server')) ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') throw new Unusable('its server is no https URL');
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain || text.length > 2048 || /[^\x21-\x7e]/.test(text)) throw new Unusable('its server is no plain URL');
  return text;
}

function userOf(user: unknown): Readonly<Record<string, string>> {
  const token = asText(field(user, 'token'));
  const [cert, key] = [dataOf(user, 'client-certificate-data'), dataOf(user, 'client-key-data')];
  if (token !== undefined && !/^[\x21-\x7e]{1,65536}$/.test(token)) throw new Unusable('its token is none');
  if ((cert === undefined) !== (key === undefined)) throw new Unusable('it has a client certificate or key alone');
  const certificate =
    cert === undefined || key === undefined ? {} : { 'client-certificate-data': cert, 'client-key-data': key };
  const who = { ...(token === undefined ? {} : { token }), ...certificate };
  if (Object.keys(who).length === 0) throw new Unusable('it has neither a token nor a client certificate');
  return who;
}

/** Base64 as it is; undefined where there is none. */
function dataOf(entry: unknown, key: string): string | undefined {
  const value = at(entry, key);
  if (value === undefined) return undefined;
  const text = asText(value)?.replace(/\s/g, '') ?? '';
  if (text === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Unusable(`its ${key} is not base64`);
  return text;
}

/** OpenSSL would only say so when it connects. */
function tryKeys(ca: string | undefined, cert: string | undefined, key: string | undefined): void {
  const decoded = (text: string | undefined): Buffer | undefined =>
    text === undefined ? undefined : Buffer.from(text, 'base64');
  const given = Object.entries({ ca: decoded(ca), cert: decoded(cert), key: decoded(key) });
  try {
    // A context passes over an authority that is none.
    if (ca !== undefined) readCertificate(ca);
    createSecureContext(Object.fromEntries(given.filter(([, data]) => data !== undefined)));
  } catch {
    throw new Unusable('its certificates or key are not valid');
  }
}

function readCertificate(data: string): X509Certificate {
  return new X509Certificate(Buffer.from(data, 'base64'));
}
