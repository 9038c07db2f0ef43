import type { Hostname, Model, Policy, RolloutShare } from '../desired/model.ts';
import { concerns } from './reach.ts';
import { type Rollout, type RolloutSpec, shareOf } from './rollout.ts';

/** Lays rollouts over models. It remembers: what is the same as last time is the very same object. */
export type Overlay = {
  /** The model with the rollouts in its policies; the model itself where there are none. */
  lay(model: Model, rollouts: readonly Rollout[]): Model;
};

/** What a hostname was laid over with, and what came of it. */
type Laid = { readonly share: RolloutShare; readonly hostname: Hostname };

/** An overlay that has laid nothing yet. */
export function createOverlay(): Overlay {
  const shares = new Map<string, RolloutShare>();
  const laid = new WeakMap<Hostname, Laid>();
  const policies = new WeakMap<Policy, Map<RolloutShare, Policy>>();
  let specs: readonly RolloutSpec[] = [];
  let specOf = new WeakMap<Hostname, RolloutSpec | 'none'>();
  let last: { readonly of: Model; readonly shares: readonly RolloutShare[]; readonly model: Model } | undefined;

  const shareFor = (rollout: Rollout): RolloutShare => {
    const [known, share] = [shares.get(rollout.spec.name), shareOf(rollout)];
    if (known?.percent === share.percent && known.from === share.from && known.to === share.to) return known;
    shares.set(share.name, share);
    return share;
  };
  const policyWith = (policy: Policy, share: RolloutShare): Policy => {
    const byShare = policies.get(policy) ?? new Map<RolloutShare, Policy>();
    const made = byShare.get(share) ?? Object.freeze({ ...policy, rollout: share });
    policies.set(policy, byShare.set(share, made));
    return made;
  };
  const layOne = (hostname: Hostname): Hostname => {
    const spec = specOf.get(hostname) ?? specs.find((each) => concerns(each, hostname)) ?? 'none';
    specOf.set(hostname, spec);
    const share = spec === 'none' ? undefined : shares.get(spec.name);
    if (share === undefined) return hostname;
    const known = laid.get(hostname);
    if (known?.share === share) return known.hostname;
    const made = Object.freeze({ ...hostname, policy: policyWith(hostname.policy, share) });
    laid.set(hostname, { share, hostname: made });
    return made;
  };

  return {
    lay(model, rollouts) {
      if (rollouts.length === 0) {
        last = undefined;
        return model;
      }
      const now = rollouts.map(shareFor);
      if (last?.of === model && isSame(last.shares, now)) return last.model;
      const wanted = rollouts.map(({ spec }) => spec);
      if (!isSame(specs, wanted)) specOf = new WeakMap();
      specs = wanted;
      const hostnames = model.hostnames.map(layOne);
      const before = last?.model.hostnames;
      const own = before !== undefined && isSame(before, hostnames) ? before : Object.freeze(hostnames);
      last = { of: model, shares: now, model: Object.freeze({ ...model, hostnames: own }) };
      return last.model;
    },
  };
}

function isSame(some: readonly object[], others: readonly object[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
