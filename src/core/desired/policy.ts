import { DEFAULTS } from './annotations/defaults.ts';
import type { Policy, Steering } from './model.ts';
import { choose, elect, type Say, SILENT, type Voice } from './precedence.ts';

/** How a hostname is steered, from what all its clusters say. */
export function policyOf(voices: readonly Voice[], say: Say): Policy {
  const steering = elect('steering', voices, say)?.value ?? DEFAULTS.steering;
  const answers = steering === 'multivalue' ? DEFAULTS.multivalueAnswers : DEFAULTS.answers;
  const nearestBand = bandOf(voices, steering, say);
  const map = elect('map', voices, say)?.value;
  return Object.freeze({
    steering,
    sticky: stickyOf(voices, { steering, nearestBand }, say),
    nearestBand,
    ...(map === undefined ? {} : { map }),
    residency: elect('residency', voices, say)?.value ?? DEFAULTS.residency,
    answers: elect('answers', voices, say)?.value ?? answers,
    ttl: elect('ttl', voices, say)?.value ?? DEFAULTS.ttl,
    minHealthy: elect('min-healthy', voices, say)?.value ?? DEFAULTS['min-healthy'],
    lastResort: elect('last-resort', voices, say)?.value ?? DEFAULTS['last-resort'],
  });
}

function bandOf(voices: readonly Voice[], steering: Steering, say: Say): number {
  const band = elect('nearest-band', voices, say);
  if (band !== undefined && band.value > 0 && steering !== 'nearest') {
    const message = `steering is ${steering}: there is no nearest cluster for nearest-band to widen`;
    say('policy-without-effect', band.by.origin, message, 'remove nearest-band, or set steering to nearest');
  }
  return band?.value ?? DEFAULTS['nearest-band'];
}

function stickyOf(
  voices: readonly Voice[],
  { steering, nearestBand }: Pick<Policy, 'steering' | 'nearestBand'>,
  say: Say,
): Policy['sticky'] {
  const sticky = elect('sticky', voices, say);
  if (sticky?.value === 'subnet' && steering === 'nearest' && nearestBand === 0) {
    const message = 'steering is nearest: only clients whose place is unknown have a cluster for sticky to keep';
    say('policy-without-effect', sticky.by.origin, message, 'set steering to weighted, failover or multivalue');
  }
  return sticky?.value ?? DEFAULTS.sticky;
}

/**
 * Each cluster's place in the failover order, 0 first: from the `failover` list, else from `tier`. The list wins over
 * tiers, and that is said.
 */
export function tiersOf(voices: readonly Voice[], { steering }: Policy, say: Say): (voice: Voice) => number {
  const order = elect('failover', voices, say);
  const tiers = new Map(voices.map((voice) => [voice, choose('tier', voice.sources, say)]));
  const tiered = [...tiers.values()].find((tier) => tier !== undefined);
  if (order !== undefined) {
    if (tiered !== undefined) {
      say('policy-without-effect', tiered.by.origin, 'tier has no effect beside failover', 'keep one of the two');
    }
    return (voice) => positionIn(order.value, voice.cluster.name);
  }
  if (steering === 'failover' && tiered === undefined) sayNoOrder(voices, say);
  return (voice) => tiers.get(voice)?.value ?? DEFAULTS.tier;
}

/** Unlisted clusters stand at `*`, else behind the last. */
function positionIn(order: readonly string[], cluster: string): number {
  const own = order.indexOf(cluster);
  if (own >= 0) return own;
  const rest = order.indexOf('*');
  return rest >= 0 ? rest : order.length;
}

function sayNoOrder(voices: readonly Voice[], say: Say): void {
  const wish = elect('steering', voices, SILENT);
  if (wish === undefined) return;
  const message = 'steering is failover, but no cluster has a tier: all are equal';
  say('policy-without-effect', wish.by.origin, message, 'set failover or tier');
}
