import { DEFAULTS } from './annotations/defaults.ts';
import type { Policy } from './model.ts';
import { choose, elect, type Say, SILENT, type Statement, type Voice } from './precedence.ts';
import { chainText } from './steering-chain.ts';

/** How a hostname is steered, from what all its clusters say. */
export function policyOf(voices: readonly Voice[], say: Say): Policy {
  const wish = elect('steering', voices, say)?.value ?? DEFAULTS.steering;
  const chain: ChainOfPolicy = typeof wish === 'string' ? { steering: wish } : wish;
  const answers = chain.steering === 'multivalue' ? DEFAULTS.multivalueAnswers : DEFAULTS.answers;
  const nearestBand = bandOf(voices, chain, say);
  const map = elect('map', voices, say)?.value;
  const ttl = elect('ttl', voices, say)?.value ?? DEFAULTS.ttl;
  return Object.freeze({
    ...chain,
    sticky: stickyOf(voices, { ...chain, nearestBand }, say),
    nearestBand,
    ...(map === undefined ? {} : { map }),
    residency: elect('residency', voices, say)?.value ?? DEFAULTS.residency,
    answers: elect('answers', voices, say)?.value ?? answers,
    ttl,
    ...stableTtlOf(voices, ttl, say),
    minHealthy: elect('min-healthy', voices, say)?.value ?? DEFAULTS['min-healthy'],
    lastResort: elect('last-resort', voices, say)?.value ?? DEFAULTS['last-resort'],
  });
}

type ChainOfPolicy = Pick<Policy, 'steering' | 'preferred'>;

/** Empty where the TTL never rises. */
function stableTtlOf(voices: readonly Voice[], ttl: number, say: Say): Pick<Policy, 'stableTtl'> {
  const stable = elect('stable-ttl', voices, say);
  const seconds = stable?.value ?? DEFAULTS['stable-ttl'];
  if (stable === undefined || seconds === 'none') return {};
  if (seconds > ttl && ttl > 0) return { stableTtl: seconds };
  if (seconds < ttl) {
    const message = `stable-ttl ${stable.text} is below the ttl of ${ttl}: it has no effect`;
    say('policy-without-effect', stable.by.origin, message, 'set stable-ttl above ttl, or to none');
  } else if (ttl === 0 && seconds > 0) {
    const message = 'the ttl is 0, and twice nothing is nothing: stable-ttl has no effect';
    say('policy-without-effect', stable.by.origin, message, 'set ttl to 1 or more');
  }
  return {};
}

function bandOf(voices: readonly Voice[], chain: ChainOfPolicy, say: Say): number {
  const band = elect('nearest-band', voices, say);
  if (band !== undefined && band.value > 0 && chain.steering !== 'nearest') {
    const message = `steering is ${chainText(chain)}: there is no nearest cluster for nearest-band to widen`;
    say('policy-without-effect', band.by.origin, message, 'remove nearest-band, or set steering to nearest');
  }
  return band?.value ?? DEFAULTS['nearest-band'];
}

function stickyOf(
  voices: readonly Voice[],
  { nearestBand, ...chain }: ChainOfPolicy & Pick<Policy, 'nearestBand'>,
  say: Say,
): Policy['sticky'] {
  const sticky = elect('sticky', voices, say);
  if (sticky?.value === 'subnet' && chain.steering === 'nearest' && nearestBand === 0) {
    const message = `steering is ${chainText(chain)}: only clients whose place is unknown have a cluster for sticky to keep`;
    say('policy-without-effect', sticky.by.origin, message, 'set steering to weighted, failover or multivalue');
  }
  return sticky?.value ?? DEFAULTS.sticky;
}

/**
 * Each cluster's place in the failover order, 0 first: from the `failover` list, else from `tier`. The list wins over
 * tiers, and that is said.
 */
export function tiersOf(voices: readonly Voice[], policy: Policy, say: Say): (voice: Voice) => number {
  const order = elect('failover', voices, say);
  const tiers = new Map(voices.map((voice) => [voice, choose('tier', voice.sources, say)]));
  const tiered = [...tiers.values()].find((tier) => tier !== undefined);
  if (policy.preferred?.includes('tier') === false) sayNoStep(policy, order ?? tiered, say);
  if (order !== undefined) {
    if (tiered !== undefined) {
      say('policy-without-effect', tiered.by.origin, 'tier has no effect beside failover', 'keep one of the two');
    }
    return (voice) => positionIn(order.value, voice.cluster.name);
  }
  if (policy.steering === 'failover' && tiered === undefined) sayNoOrder(voices, say);
  return (voice) => tiers.get(voice)?.value ?? DEFAULTS.tier;
}

/** Unlisted clusters stand at `*`, else behind the last. */
function positionIn(order: readonly string[], cluster: string): number {
  const own = order.indexOf(cluster);
  if (own >= 0) return own;
  const rest = order.indexOf('*');
  return rest >= 0 ? rest : order.length;
}

function sayNoStep(policy: Policy, useless: Statement<unknown> | undefined, say: Say): void {
  if (useless === undefined) return;
  const message = `steering is ${chainText(policy)}: without the step tier no failover order counts`;
  say('policy-without-effect', useless.by.origin, message, 'name tier in steering, or remove failover and tier');
}

function sayNoOrder(voices: readonly Voice[], say: Say): void {
  const wish = elect('steering', voices, SILENT);
  if (wish === undefined) return;
  const message = 'steering is failover, but no cluster has a tier: all are equal';
  say('policy-without-effect', wish.by.origin, message, 'set failover or tier');
}
