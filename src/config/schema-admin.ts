import { Type } from 'typebox';
import { parseAddress } from '../core/desired/address.ts';
import { choice, closed, listenAddress, path } from './schema-keys.ts';

/** Most entries of `admin.clients`. */
const MAX_CLIENTS = 256;
/** Most entries of `admin.allow`. */
const MAX_ADMIN_NETWORKS = 256;

const SCOPES = ['read', 'operate', 'push'] as const;

/** A DNS name, an address of mail or a URI: what a certificate can have for a name, on one line and without a comma. */
const CLIENT_NAME = /^[A-Za-z0-9][\x21\x23-\x2b\x2d-\x7e]{0,254}$/;

function isNetwork(text: string): boolean {
  const [, host = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(host);
  return address !== undefined && Number(digits) <= (address.family === 4 ? 32 : 128);
}

const Client = Type.Object(
  {
    name: Type.Refine(
      Type.String({
        expected: 'a name without blanks like "ops.example", "ops@example.org" or "spiffe://example.org/ops"',
        help: 'A DNS name, address of mail or URI of the certificate, or its common name where it has no such names.',
      }),
      (value) => CLIENT_NAME.test(value),
    ),
    scope: Type.Enum([...SCOPES], { expected: `one of ${SCOPES.join(', ')}`, help: 'What it may do, as with tokens.' }),
  },
  { ...closed, help: 'Who is known by a client certificate.' },
);

const Tls = Type.Object(
  {
    certificate: path({ help: "The server's certificate in PEM, with those between it and its authority." }),
    key: path({ help: 'Its private key in PEM.' }),
    'client-ca': Type.Optional(
      path({ help: 'Authority of client certificates in PEM; no other is accepted.', shown: 'none' }),
    ),
    'client-certificates': choice(['none', 'request', 'require'], {
      default: 'none',
      help: 'Whether clients may (`request`) or must (`require`) show a certificate; tokens work as well.',
    }),
  },
  {
    ...closed,
    expected: 'a mapping with certificate and key',
    help: 'TLS, 1.2 or later; files are read again when they change.',
  },
);

/** `admin`. */
export const Admin = Type.Object(
  {
    listen: listenAddress({ default: '127.0.0.1:8053', help: 'Address of the admin API.' }),
    tokens: Type.Object(
      { file: Type.Optional(path({ help: 'File of access tokens.', shown: 'none' })) },
      { ...closed, default: {}, help: 'Who may use it.' },
    ),
    tls: Type.Optional(Tls),
    clients: Type.Array(Client, {
      default: [],
      maxItems: MAX_CLIENTS,
      expected: `a list of at most ${MAX_CLIENTS} clients`,
    }),
    allow: Type.Array(
      Type.Refine(
        Type.String({
          expected: 'a network like "10.0.0.0/8" or "2001:db8::/32"',
          help: 'Networks that may connect, beside loopback; none listed: all.',
        }),
        isNetwork,
      ),
      { default: [], maxItems: MAX_ADMIN_NETWORKS, expected: `a list of at most ${MAX_ADMIN_NETWORKS} networks` },
    ),
    'plain-http': choice(['loopback', 'anywhere'], {
      default: 'loopback',
      help: 'Where it may be served without TLS; `anywhere`: tokens can be read on the way.',
    }),
  },
  { ...closed, default: {}, help: 'The admin API.' },
);
