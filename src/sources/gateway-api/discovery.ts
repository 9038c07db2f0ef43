import { asList, asText, at, field } from '../../core/desired/gateway-api/untrusted.ts';
import type { Clock } from '../../core/ports.ts';
import { ApiError } from './api-error.ts';
import type { ApiQuestion, Connection } from './connection.ts';
import { pathOf, VERSIONS, type WatchedKind } from './kinds.ts';
import { DISCOVERY_AGE_MS } from './limits.ts';

/** What an API server has. */
export type Discovery = {
  /** The best served version of a kind that can be listed and watched; undefined where there is none. */
  versionOf(kind: WatchedKind): Promise<string | undefined>;
  /** The next question is asked anew. */
  forget(): void;
};

type Served = ReadonlyMap<string, string>;
type Known = { readonly at: number; readonly served: Promise<Served> };

/** Asks for each group once, whoever wants to know, and believes the answer for `DISCOVERY_AGE_MS`. */
export function createDiscovery(connection: Connection, clock: Clock, signal: AbortSignal): Discovery {
  let known = new Map<string, Known>();

  /** Undefined where the server has no such document. */
  async function read(question: ApiQuestion): Promise<unknown> {
    try {
      return await connection.read(question, signal);
    } catch (error) {
      if (error instanceof ApiError && error.failure === 'missing') return undefined;
      throw error;
    }
  }

  /** The best version of each plural name of a group. */
  async function servedBy(group: string): Promise<Served> {
    await refuseUnready(connection, signal);
    const versions = asList(field(await read({ path: `/apis/${group}` }), 'versions')).map((one) =>
      asText(field(one, 'version')),
    );
    const served = new Map<string, string>();
    for (const version of VERSIONS) {
      if (!versions.includes(version)) continue;
      const resources = asList(field(await read({ path: pathOf(group, version) }), 'resources'));
      for (const plural of resources.flatMap(watchable)) if (!served.has(plural)) served.set(plural, version);
    }
    return served;
  }

  async function forgetFailed(group: string, served: Promise<Served>): Promise<void> {
    await served.catch(() => {
      if (known.get(group)?.served === served) known.delete(group);
    });
  }

  return {
    async versionOf({ group, plural }) {
      if (group === '') return 'v1';
      let found = known.get(group);
      if (found === undefined || Math.abs(clock.now() - found.at) > DISCOVERY_AGE_MS) {
        found = { at: clock.now(), served: servedBy(group) };
        known.set(group, found);
        await forgetFailed(group, found.served);
      }
      return (await found.served).get(plural);
    },
    forget() {
      known = new Map();
    },
  };
}

/**
 * While an API server starts it claims to have no custom resources at all. Servers that do not tell whether they are
 * ready count as ready.
 */
async function refuseUnready(connection: Connection, signal: AbortSignal): Promise<void> {
  try {
    await connection.check('/readyz', signal);
  } catch (error) {
    if (error instanceof ApiError && error.failure === 'unreachable') throw error;
  }
}

function watchable(resource: unknown): readonly string[] {
  const name = asText(field(resource, 'name'));
  const verbs = asList(at(resource, 'verbs'));
  return name !== undefined && verbs.includes('list') && verbs.includes('watch') ? [name] : [];
}
