import type { Declaration, Model } from '../desired/model.ts';
import { isName, NAME_RULE } from '../orders/name.ts';
import { mistakeInSteps } from '../orders/percent-steps.ts';
import { meet } from './reach.ts';
import type { RolloutSpec, Rollouts } from './rollout.ts';

/** Most rollouts at once, those that are over but not ended included. */
export const MAX_ROLLOUTS = 100;
/** Most steps of a canary. */
export const MAX_STEPS = 20;
/** Most names of hostnames in one rollout. */
export const MAX_ROLLOUT_HOSTNAMES = 200;
/** Most clusters in a group of a rollout. */
export const MAX_ROLLOUT_CLUSTERS = 64;
/** Most monitors that guard a rollout. */
export const MAX_GUARDS = 20;

/** Why a rollout was refused: stable codes, the same as those of the admin API. */
export type RolloutRefusal = {
  readonly code:
    | 'cluster-unknown'
    | 'monitor-unknown'
    | 'rollout-conflict'
    | 'rollout-exists'
    | 'rollout-invalid'
    | 'rollout-order'
    | 'rollout-unknown'
    | 'rollouts-full';
  readonly message: string;
};

/** What a new rollout is checked against. */
export type RolloutWorld = {
  readonly rollouts: Rollouts;
  readonly model: Model;
  readonly declaration: Pick<Declaration, 'monitors'>;
};

/** Why this rollout may not begin; undefined where it may. */
export function refusalOf(spec: RolloutSpec, world: RolloutWorld): RolloutRefusal | undefined {
  return contradiction(spec) ?? unknown(spec, world) ?? collision(spec, world);
}

function contradiction({ name, from, to, hostnames = [], plan }: RolloutSpec): RolloutRefusal | undefined {
  const invalid = (message: string): RolloutRefusal => ({ code: 'rollout-invalid', message });
  if (!isName(name)) return invalid(NAME_RULE);
  const both = to.find((cluster) => from.includes(cluster));
  if (both !== undefined) return invalid(`Cluster ${both} is in \`from\` and in \`to\`.`);
  const sizes = [from.length, to.length];
  if (sizes.includes(0)) return invalid('`from` and `to` need a cluster each.');
  if (Math.max(...sizes) > MAX_ROLLOUT_CLUSTERS || hostnames.length > MAX_ROLLOUT_HOSTNAMES) {
    return invalid(`At most ${MAX_ROLLOUT_CLUSTERS} clusters in a group and ${MAX_ROLLOUT_HOSTNAMES} hostnames.`);
  }
  if (plan.kind === 'blue-green') return undefined;
  const { steps, monitors } = plan;
  const mistake = mistakeInSteps(steps, MAX_STEPS);
  if (mistake !== undefined) return invalid(mistake);
  return monitors.length > MAX_GUARDS ? invalid(`At most ${MAX_GUARDS} monitors guard a rollout.`) : undefined;
}

function unknown({ from, to, plan }: RolloutSpec, { model, declaration }: RolloutWorld): RolloutRefusal | undefined {
  const clusters = new Set(model.clusters.map(({ name }) => name));
  const stranger = [...from, ...to].find((cluster) => !clusters.has(cluster));
  if (stranger !== undefined) return { code: 'cluster-unknown', message: `There is no cluster "${stranger}".` };
  const named = new Set(declaration.monitors?.map(({ name }) => name));
  const unheard = plan.kind === 'canary' ? plan.monitors.find((monitor) => !named.has(monitor)) : undefined;
  if (unheard === undefined) return undefined;
  return { code: 'monitor-unknown', message: `The configuration has no monitor "${unheard}".` };
}

function collision(spec: RolloutSpec, { rollouts }: RolloutWorld): RolloutRefusal | undefined {
  if (rollouts.has(spec.name)) {
    return { code: 'rollout-exists', message: `There is a rollout "${spec.name}" already. End it first.` };
  }
  if (rollouts.size >= MAX_ROLLOUTS) {
    return { code: 'rollouts-full', message: `There are ${MAX_ROLLOUTS} rollouts already. End one first.` };
  }
  const other = [...rollouts.values()].find((each) => meet(each.spec, spec));
  if (other === undefined) return undefined;
  return { code: 'rollout-conflict', message: `Rollout "${other.spec.name}" is about some of the same hostnames.` };
}
