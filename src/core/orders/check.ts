import { MAX_PINS } from '../desired/maps/pin.ts';
import type { Model } from '../desired/model.ts';
import { isName, NAME_RULE } from './name.ts';
import { MAX_WEIGHT, type Override, type Overrides } from './override.ts';
import { isAbout } from './pin-overlay.ts';
import { isPin, mistakeInPin } from './pins.ts';
import { MAX_PATTERNS, matcherIn, type Scope, type Selection } from './scope.ts';
import { unfitIn, unfitText } from './unfit.ts';

/** Most overrides, planned ones included. */
const MAX_OVERRIDES = 1000;

/** Why an order was refused: stable codes, the same as those of the admin API. */
export type OrderRefusal = {
  readonly code: 'override-invalid' | 'override-nothing' | 'override-unknown' | 'overrides-full';
  readonly message: string;
};

/** Why this order may not be given; undefined where it may. One of the same name is replaced by it. */
export function refusalOf(order: Override, overrides: Overrides, model: Model): OrderRefusal | undefined {
  const { name, scope, action, from, until } = order;
  const invalid = (message: string): OrderRefusal => ({ code: 'override-invalid', message });
  if (!isName(name)) return invalid(NAME_RULE);
  const mistake = mistakeIn(scope);
  if (mistake !== undefined) return invalid(mistake);
  if (action.kind === 'weight' && !isWeight(action.weight)) return invalid(WEIGHT);
  if (until !== undefined && until <= (from ?? order.at)) return invalid('It would be over before it begins.');
  const mistakeOfPin = isPin(order) ? mistakeInPin(order, model) : undefined;
  if (mistakeOfPin !== undefined) return invalid(mistakeOfPin);
  const others = [...overrides.values()].filter((other) => other.name !== name);
  if (others.length >= MAX_OVERRIDES) return full(`${MAX_OVERRIDES} overrides`);
  if (isPin(order) && others.filter(isPin).length >= MAX_PINS) return full(`${MAX_PINS} pins`);
  return fitsAny(order, model) ? undefined : { code: 'override-nothing', message: nothing(order, model) };
}

function nothing({ scope, action }: Override, model: Model): string {
  if (action.kind !== 'pin' || unfitIn(scope, model).length > 0) return nothingFits(scope, model);
  return `No hostname that fits the scope has endpoints of ${action.cluster} and of another cluster.`;
}

/** What is said of a weight that is none. */
export const WEIGHT = `A weight is a whole number from 0 to ${MAX_WEIGHT}.`;

/** Whether it is one. */
export function isWeight(weight: number): boolean {
  return Number.isInteger(weight) && weight >= 0 && weight <= MAX_WEIGHT;
}

/** That no endpoint fits a scope, and which pattern of it nothing fits. */
export function nothingFits(scope: Scope, model: Model): string {
  return ['No endpoint fits the scope.', ...unfitIn(scope, model).slice(0, 1).map(unfitText)].join(' ');
}

/** What is wrong with a scope, in words; undefined where nothing is. */
export function mistakeIn(scope: Scope): string | undefined {
  const meant = patternsIn(scope);
  if (meant === 0) return 'A scope needs a pattern: `{"clusters": ["*"]}` is everything.';
  const isEmpty = scope.except !== undefined && patternsIn(scope.except) === 0;
  if (isEmpty) return '`except` needs a pattern: without any everything is excepted.';
  const all = meant + patternsIn(scope.except ?? {});
  return all > MAX_PATTERNS ? `A scope has at most ${MAX_PATTERNS} patterns.` : undefined;
}

function patternsIn({ clusters = [], gateways = [], hostnames = [], teams = [] }: Selection): number {
  return clusters.length + gateways.length + hostnames.length + teams.length;
}

function full(of: string): OrderRefusal {
  return { code: 'overrides-full', message: `There are ${of} already. Clear one first.` };
}

function fitsAny(order: Override, { hostnames, teams }: Model): boolean {
  const { fits } = matcherIn(order.scope, teams);
  if (!isPin(order)) return hostnames.some((one) => one.endpoints.some((endpoint) => fits(one, endpoint)));
  return hostnames.some((one) => isAbout(order, one, (endpoint) => fits(one, endpoint)));
}
