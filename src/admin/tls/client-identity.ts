import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Caller, Scope } from '../tokens.ts';

/** A client that is known by its certificate: one name that stands in it, and what it may do. */
export type ClientEntry = { readonly name: string; readonly scope: Scope };

/**
 * What a connection's certificate says. `none`: it showed none. `refused`: it is not valid (any more). `unknown`: it is valid,
 * and none of its names is listed.
 */
export type ClientIdentity =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly caller: Caller };

/** Tells who is on the other side of a connection. `now` in ms since the epoch. */
export function createIdentify(clients: readonly ClientEntry[], now: () => number): (socket: Socket) => ClientIdentity {
  const seen = new WeakMap<Socket, { readonly identity: ClientIdentity; readonly until: number }>();
  return (socket) => {
    if (!(socket instanceof TLSSocket)) return { kind: 'none' };
    let known = seen.get(socket);
    if (known === undefined) {
      const certificate = socket.getPeerX509Certificate();
      const until = certificate?.validToDate.getTime() ?? Number.POSITIVE_INFINITY;
      known = { identity: identify(socket, certificate, clients), until };
      seen.set(socket, known);
    }
    // Connections may be kept longer than certificates last.
    return known.until < now() ? { kind: 'refused', reason: 'CERT_HAS_EXPIRED' } : known.identity;
  };
}

function identify(
  socket: TLSSocket,
  certificate: X509Certificate | undefined,
  clients: readonly ClientEntry[],
): ClientIdentity {
  if (certificate === undefined) return { kind: 'none' };
  if (!socket.authorized) return { kind: 'refused', reason: String(socket.authorizationError) };
  const found = clients.find(({ name }) => hasName(certificate, name));
  return found === undefined
    ? { kind: 'unknown' }
    : { kind: 'known', caller: { name: found.name, scope: found.scope } };
}

/** A URI, an address of mail or a DNS name of the certificate; the common name only where it has no other names. */
function hasName(certificate: X509Certificate, name: string): boolean {
  if (name.includes('://')) return urisOf(certificate).includes(name);
  if (name.includes('@')) return certificate.checkEmail(name, { subject: 'never' }) !== undefined;
  if (certificate.checkHost(name, { subject: 'never', wildcards: false }) !== undefined) return true;
  return certificate.subjectAltName === undefined && commonNameOf(certificate) === name;
}

/** Node puts a name into quotes where it could be taken for several; such certificates have no URI here. */
function urisOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  if (subjectAltName.includes('"')) return [];
  return subjectAltName.split(', ').flatMap((each) => (each.startsWith('URI:') ? [each.slice(4)] : []));
}

/** Of several common names none counts. */
function commonNameOf({ subject }: X509Certificate): string | undefined {
  const names = subject.split('\n').filter((line) => line.startsWith('CN='));
  return names.length === 1 ? names[0]?.slice(3) : undefined;
}
