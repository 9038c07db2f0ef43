/** What is wrong with the scope of a drill. */
import type { Model } from '../desired/model.ts';
import { nothingFits } from '../orders/check.ts';
import type { Selection } from '../orders/scope.ts';
import { unfitIn, unfitText } from '../orders/unfit.ts';
import type { DrillSpec } from './drill.ts';
import type { Reach } from './reach.ts';

/** Why a drill is not begun about this scope: stable codes, the same as those of the admin API. */
export type ScopeRefusal = {
  readonly code: 'drill-blind-scope' | 'drill-nothing' | 'drill-pattern-unknown';
  readonly message: string;
};

/** The first mistake in a scope; undefined where there is none that patterns alone tell. */
export function mistakeInScope(spec: DrillSpec, reach: Reach, model: Model): ScopeRefusal | undefined {
  return partlyBlind(spec) ?? mistyped(spec, reach, model);
}

/** The view of a cluster is one: none of it can be cut off by hostnames, gateways or teams. */
function partlyBlind({ action, scope }: DrillSpec): ScopeRefusal | undefined {
  if (action.kind !== 'blind') return undefined;
  const isPart = ({ gateways, hostnames, teams }: Selection): boolean =>
    gateways !== undefined || hostnames !== undefined || teams !== undefined;
  const parts: readonly Selection[] = [scope, scope.except ?? {}];
  if (!parts.some(isPart)) return undefined;
  const message =
    'A drill that blinds is about whole clusters: its scope, and `except`, name clusters and nothing else.';
  return { code: 'drill-blind-scope', message };
}

/** Where an exception is mistyped, what should have been spared would be met. */
function mistyped({ scope }: DrillSpec, { endpoints }: Reach, model: Model): ScopeRefusal | undefined {
  const [first] = unfitIn(scope, model);
  if (first === undefined) return undefined;
  if (endpoints.length === 0) return { code: 'drill-nothing', message: nothingFits(scope, model) };
  return { code: 'drill-pattern-unknown', message: unfitText(first) };
}
