import type { ClusterEvent, ClusterObject, ClusterWriter, WriteOutcome } from '../../../src/core/ports.ts';

/** A cluster that a test looks into: what stands on its objects, and what was written, by `Kind namespace/name`. */
export type ScriptedWriter = ClusterWriter & {
  /** What stands; undefined for an object without a status. */
  readonly standing: Map<string, string | undefined>;
  readonly annotated: string[];
  readonly events: ClusterEvent[];
  /** What comes of the next writes; those that are done show in `standing`. */
  outcome: WriteOutcome;
};

/** The key of an object in a scripted cluster. */
const keyOf = ({ kind, namespace, name }: ClusterObject): string => `${kind} ${namespace}/${name}`;

/** One cluster, `east`, of which the objects are seen that are in `standing`. */
export function createScriptedWriter(): ScriptedWriter {
  const standing = new Map<string, string | undefined>();
  const writer: ScriptedWriter = {
    clusters: ['east'],
    standing,
    annotated: [],
    events: [],
    outcome: { kind: 'done' },
    seenStatus: (_, object) =>
      standing.has(keyOf(object)) ? { state: 'seen', status: standing.get(keyOf(object)) } : { state: 'unseen' },
    statuses: () =>
      [...standing].flatMap(([key, status]) => {
        const [kind = '', namespace = '', name = ''] = key.split(/[ /]/);
        return status === undefined ? [] : [{ kind, namespace, name }];
      }),
    async annotate(_, object, status) {
      const { outcome } = writer;
      writer.annotated.push(`${keyOf(object)}: ${status ?? 'nothing'}`);
      if (outcome.kind === 'done') standing.set(keyOf(object), status);
      return outcome;
    },
    async record(_, event) {
      const { outcome } = writer;
      writer.events.push(event);
      return outcome;
    },
  };
  return writer;
}
