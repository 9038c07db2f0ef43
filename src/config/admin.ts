import { resolve } from 'node:path';
import type { Static } from 'typebox';
import { type Finding, finding } from '../core/desired/finding.ts';
import { quote } from '../core/desired/quote.ts';
import type { ListenAddress } from '../core/ports.ts';
import type { Assembly } from './assembly.ts';
import type { AdminConfig } from './config.ts';
import { isLoopback, parseListenAddress } from './listen-address.ts';
import type { Admin } from './schema-admin.ts';

type Section = Static<typeof Admin>;

type Built = { readonly config: AdminConfig; readonly findings: readonly Finding[] };

/** The admin API of a configuration. What others can reach needs credentials and TLS, or an operator who says otherwise. */
export function buildAdmin(admin: Section, assembly: Assembly): Built | undefined {
  const { overrides, directory } = assembly;
  const listen = overrides.adminListen ?? parseListenAddress(admin.listen);
  if (listen === undefined) return undefined;
  const { file } = admin.tokens;
  checkClients(admin, assembly);
  if (!isLoopback(listen)) checkReachable(admin, listen, assembly);
  const config: AdminConfig = {
    listen,
    tokensFile: file && resolve(directory, file),
    ...(admin.tls === undefined ? {} : { tls: buildTls(admin.tls, directory) }),
    clients: admin.clients.map(({ name, scope }) => ({ name, scope })),
    allow: admin.allow,
  };
  return { config, findings: plainHttp(admin, listen, assembly) };
}

function buildTls(tls: NonNullable<Section['tls']>, directory: string): NonNullable<AdminConfig['tls']> {
  const ca = tls['client-ca'];
  return {
    certificate: resolve(directory, tls.certificate),
    key: resolve(directory, tls.key),
    clientCa: ca && resolve(directory, ca),
    clientCertificates: tls['client-certificates'],
  };
}

function checkClients({ tls, clients }: Section, { complain }: Assembly): void {
  const mode = tls?.['client-certificates'] ?? 'none';
  const seen = new Set<string>();
  for (const [index, { name }] of clients.entries()) {
    if (seen.has(name)) {
      complain(['admin', 'clients', index, 'name'], { expected: 'each name once', found: `${quote(name)} again` });
    }
    seen.add(name);
  }
  if (mode !== 'none' && tls?.['client-ca'] === undefined) {
    const expected = 'the authority of client certificates, because client-certificates asks for some';
    complain(['admin', 'tls', 'client-ca'], { expected, found: 'nothing' });
  }
  if (mode === 'none' && clients.length > 0) {
    const expected = 'no clients, or admin.tls with client-certificates request or require';
    complain(['admin', 'clients'], { expected, found: `${clients.length} that could never show who they are` });
  }
}

/** Others can connect: they must be told apart, and what they send must not be read on the way. */
function checkReachable(admin: Section, { host }: ListenAddress, { complain }: Assembly): void {
  const isKnown = admin.tokens.file !== undefined || admin.clients.length > 0;
  const isSecret = admin.tls !== undefined || admin['plain-http'] === 'anywhere';
  if (isKnown && isSecret) return;
  const wanted = [
    ...(isKnown ? [] : ['tokens.file or clients']),
    ...(isSecret ? [] : ['tls (or plain-http: anywhere, where something else encrypts)']),
  ];
  const expected = `a loopback address, or ${wanted.join(' and ')} beside it`;
  complain(['admin', 'listen'], { expected, found: `${quote(host)}, which others can reach` });
}

function plainHttp({ tls }: Section, listen: ListenAddress, { originOf }: Assembly): readonly Finding[] {
  if (tls !== undefined || isLoopback(listen)) return [];
  const message = `The admin API on ${listen.host} is plain HTTP.`;
  return [finding('admin-plain-http', originOf(['admin', 'listen']), message, 'Set admin.tls.')];
}
