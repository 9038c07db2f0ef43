import { contains, isRestricted } from './area.ts';
import type { Bundle, ClaimBook } from './claim.ts';
import { type ClusterPart, createPartition } from './cluster-part.ts';
import { sayMissingSettings } from './drift/setting-drift.ts';
import type { Template } from './endpoints.ts';
import { isEqual } from './equal.ts';
import type { Endpoint, Policy } from './model.ts';
import type { MonitorBook } from './monitor-book.ts';
import { policyOf, tiersOf } from './policy.ts';
import { elect, type Say, SILENT, type Voice } from './precedence.ts';
import { noteInto, type Remark } from './remarks.ts';
import { createSequenceIndex } from './sequence-index.ts';
import type { SupervisionContext } from './supervision.ts';

/** What hostnames have in common that are asked for alike: everything but their names and who asks. */
export type Pattern = {
  /** Ordered by cluster. */
  readonly parts: readonly Bundle[];
  readonly policy: Policy;
  readonly templates: readonly Template[];
  /** The endpoints of all its hostnames; undefined where each has its own, because of its monitors. */
  readonly endpoints: readonly Endpoint[] | undefined;
  readonly remarks: readonly Remark[];
  /** How many hostnames have it. */
  members: number;
};

/** The patterns in use. */
export type PatternBook = {
  /** The pattern of these bundles for one more hostname, which had `before` until now. */
  join(parts: readonly Bundle[], before: Pattern | undefined): Pattern;
  /** One hostname less has it. */
  leave(pattern: Pattern): void;
};

/** An empty book; monitors that hostnames share are put into `monitors`. */
export function createPatternBook(context: SupervisionContext, claims: ClaimBook, monitors: MonitorBook): PatternBook {
  const index = createSequenceIndex<Bundle, Pattern>();
  const partition = createPartition(context);
  const create = (parts: readonly Bundle[], before: Pattern | undefined): Pattern => {
    const pattern = patternOf(parts.slice(), partition(parts), before);
    index.add(pattern);
    claims.retain(pattern.parts);
    for (const { watch } of pattern.templates) if (watch.kind === 'shared') monitors.retain(watch.tree);
    return pattern;
  };
  return {
    join(parts, before) {
      const pattern = index.find(parts) ?? create(parts, before);
      pattern.members += 1;
      return pattern;
    },
    leave(pattern) {
      pattern.members -= 1;
      if (pattern.members > 0) return;
      index.delete(pattern);
      claims.release(pattern.parts);
      for (const { watch } of pattern.templates) if (watch.kind === 'shared') monitors.release(watch.tree.root);
    },
  };
}

/** What comes out the same as `before` is taken over from there, so that what did not change is the very same. */
function patternOf(parts: readonly Bundle[], clusters: readonly ClusterPart[], before: Pattern | undefined): Pattern {
  const voices = clusters.map((one) => one.voice);
  const remarks: Remark[] = [];
  const say = noteInto(remarks);
  const policy = policyOf(voices, say);
  const tierOf = tiersOf(voices, policy, say);
  const templates = clusters.flatMap((one) => one.templates(tierOf(one.voice)));
  sayEmptyResidency(voices, policy, templates, say);
  sayMissingSettings(voices, say);
  for (const one of clusters) remarks.push(...one.remarks);
  const isOld = before !== undefined && isEqual(before.templates, templates);
  return {
    parts,
    policy: before !== undefined && isEqual(before.policy, policy) ? before.policy : policy,
    templates: isOld ? before.templates : templates,
    endpoints: isOld ? before.endpoints : sharedEndpoints(templates),
    remarks,
    members: 0,
  };
}

function sharedEndpoints(templates: readonly Template[]): readonly Endpoint[] | undefined {
  if (templates.some(({ watch }) => watch.kind === 'by-host')) return undefined;
  return Object.freeze(templates.map((one) => one.endpoint));
}

/** No fail-open breaks a residency: where nobody is inside, its clients get no answer at all. */
function sayEmptyResidency(
  voices: readonly Voice[],
  { residency }: Policy,
  templates: readonly Template[],
  say: Say,
): void {
  if (!isRestricted(residency) || templates.some(({ endpoint }) => contains(residency, endpoint.location))) return;
  const origin = elect('residency', voices, SILENT)?.by.origin;
  if (origin === undefined) return;
  say('policy-without-effect', origin, 'no endpoint lies inside the residency: clients from there get no answer');
}
