import type { Mapped, Place } from '../../desired/area.ts';
import { THE_REST } from '../../desired/maps/client-map.ts';
import type { Policy } from '../../desired/model.ts';
import { type Filter, sift } from './filter.ts';

/** What the hostname's map says of the client; undefined without a map, or where none of its rules holds the client. */
export function mappedBy({
  policy,
  client,
}: {
  readonly policy: Pick<Policy, 'map'>;
  readonly client: Place;
}): Mapped | undefined {
  return policy.map === undefined ? undefined : client.mapped?.[policy.map];
}

/** Where a cluster stands in the order of a rule, from 0: those that it does not name stand at `*`, else behind all. */
export function positionIn(clusters: readonly string[], cluster: string): number {
  const own = clusters.indexOf(cluster);
  if (own >= 0) return own;
  const rest = clusters.indexOf(THE_REST);
  return rest >= 0 ? rest : clusters.length;
}

/** Whether a rule keeps all clusters out that it does not name: without `*`, where it names any of those that there are. */
export function isExclusive(clusters: readonly string[], admitted: Iterable<string>): boolean {
  return !clusters.includes(THE_REST) && [...admitted].some((cluster) => clusters.includes(cluster));
}

/** A fence: the clients of a rule without `*` are sent to its clusters only, where the hostname has any of them. */
export const mapFence: Filter = (input, left, trace) => {
  const { map } = input.policy;
  if (map === undefined) return left;
  const mapped = mappedBy(input);
  const clusters = mapped?.clusters ?? [];
  const isClosed = isExclusive(
    clusters,
    left.map((index) => input.candidates[index]!.endpoint.cluster),
  );
  const rule = mapped === undefined ? `no rule of map ${map} is for the client` : wordsOf(map, mapped);
  return sift(
    input,
    left,
    {
      filter: 'map',
      keeps: ({ endpoint }) => !isClosed || clusters.includes(endpoint.cluster),
      why: (_, kept) => (kept ? rule : `${rule}, and nobody else`),
    },
    trace,
  );
};

/** Keeps the first cluster in the order of the rule that is left, or all that `*` stands for where those are. */
export const mapOrder: Filter = (input, left, trace) => {
  const { map } = input.policy;
  const mapped = mappedBy(input);
  if (map === undefined || mapped === undefined) return left;
  const positionOf = (cluster: string): number => positionIn(mapped.clusters, cluster);
  const first = Math.min(...left.map((index) => positionOf(input.candidates[index]!.endpoint.cluster)));
  return sift(
    input,
    left,
    {
      filter: 'map',
      keeps: ({ endpoint }) => positionOf(endpoint.cluster) === first,
      why: (_, kept) => `${wordsOf(map, mapped)}: ${kept ? 'the first that is left' : 'another one goes before it'}`,
    },
    trace,
  );
};

function wordsOf(map: string, { rule, text, clusters }: Mapped): string {
  return `rule ${rule} of map ${map} (${text}) names ${clusters.join(', ')}`;
}
