import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Agent } from 'undici';
import type { GaugeAccess, GaugeQuery } from '../core/desired/model.ts';
import type { CredentialFiles } from './credential-files.ts';

/** Most octets of all headers of an answer together. */
const MAX_ANSWER_HEADER_BYTES = 16_384;
/** Most connections to one server. */
const MAX_SERVER_CONNECTIONS = 4;

/** Connections to servers, kept apart by whom they believe and what they show. */
export type Connections = {
  /** Those for a server, as the files are now; undefined where one of them was never read. Never rejects. */
  to(query: GaugeQuery): Promise<Agent | undefined>;
  /** Cuts them. */
  close(): Promise<void>;
};

/** The PEM texts of one identity. */
type Texts = { readonly trust: string; readonly certificate: string; readonly key: string };
type Kept = { texts: Texts | undefined; agent: Agent | undefined };

/** Makes the connections. Those that go by files are made anew when a file changes, and the old ones end their work. */
export function createConnections(files: CredentialFiles): Connections {
  const kept = new Map<string, Kept>();
  const open = new Set<Agent>();

  function opened(connect: { readonly secureContext?: SecureContext }): Agent {
    const agent = new Agent({
      connections: MAX_SERVER_CONNECTIONS,
      maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
      connect,
    });
    open.add(agent);
    return agent;
  }

  function replace(entry: Kept, texts: Texts, file: string): void {
    entry.texts = texts;
    try {
      const last = entry.agent;
      entry.agent = opened({ secureContext: contextOf(texts) });
      files.note(file, undefined);
      void last?.close().then(
        () => open.delete(last),
        () => undefined,
      );
    } catch {
      // Half of a pair may have been replaced; what OpenSSL says of it helps nobody.
      files.note(file, 'the certificate and its key do not go together');
    }
  }

  let plain: Agent | undefined;
  return {
    async to({ url, access = {} }) {
      if (!url.startsWith('https:')) {
        plain ??= opened({});
        return plain;
      }
      const { trustFile, certificate } = access;
      const key = JSON.stringify([trustFile, certificate?.file, certificate?.keyFile]);
      const entry: Kept = kept.get(key) ?? { texts: undefined, agent: undefined };
      kept.set(key, entry);
      const texts = await textsOf(access, files);
      if (texts !== undefined && !isSame(entry.texts, texts))
        replace(entry, texts, certificate?.file ?? trustFile ?? '');
      return entry.agent;
    },
    async close() {
      await Promise.all([...open].map((agent) => agent.destroy()));
      open.clear();
    },
  };
}

async function textsOf({ trustFile, certificate }: GaugeAccess, files: CredentialFiles): Promise<Texts | undefined> {
  const [trust, shown, key] = await Promise.all([
    trustFile === undefined ? '' : files.of('certificates', trustFile).value(),
    certificate === undefined ? '' : files.of('certificates', certificate.file).value(),
    certificate === undefined ? '' : files.of('key', certificate.keyFile).value(),
  ]);
  if (trust === undefined || shown === undefined || key === undefined) return undefined;
  return { trust, certificate: shown, key };
}

function isSame(one: Texts | undefined, other: Texts): boolean {
  return one?.trust === other.trust && one.certificate === other.certificate && one.key === other.key;
}

/** Throws where certificate and key do not go together. */
function contextOf({ trust, certificate, key }: Texts): SecureContext {
  const roots = new Set([...getCACertificates('default'), ...getCACertificates('system')]);
  return createSecureContext({
    ca: trust === '' ? [...roots] : [...roots, trust],
    // An intermediate certificate in the file is an anchor as well: it was put there to be trusted.
    allowPartialTrustChain: true,
    ...(certificate === '' ? {} : { cert: certificate, key }),
  });
}
