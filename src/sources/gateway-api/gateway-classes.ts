import { isDeepStrictEqual } from 'node:util';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';
import type { Route } from '../../core/desired/gateway-api/routes.ts';
import type { Item } from './translate.ts';

/**
 * The objects of a cluster without what belongs to Gateways of other classes: such Gateways, ListenerSets of theirs, and
 * Routes that attach to nothing else. Where a Route also attaches to one of ours, its other parents are cut off.
 * `cut` keeps what was cut, so that an object that stays the same is cut to the same one.
 */
export function ofOurClasses(
  items: readonly Item['kept'][],
  cut: WeakMap<GatewayApiObject, Route>,
): readonly GatewayApiObject[] {
  const others = new Set<string>();
  for (const item of items) if (item.kind === 'other-class') others.add(keyOf({ ...item, kind: 'Gateway' }));
  if (others.size === 0) return items.filter(isRead);
  for (const item of items) {
    if (isRead(item) && 'parent' in item && others.has(keyOf(item.parent))) others.add(keyOf(item));
  }
  return items.flatMap<GatewayApiObject>((item) => {
    if (!isRead(item) || others.has(keyOf(item))) return [];
    if (!('parents' in item)) return [item];
    const parents = item.parents.filter((parent) => !others.has(keyOf(parent)));
    if (parents.length === item.parents.length) return [item];
    if (parents.length === 0) return [];
    const known = cut.get(item);
    if (known !== undefined && isDeepStrictEqual(known.parents, parents)) return [known];
    const shorter: Route = Object.freeze({ ...item, parents: Object.freeze(parents) });
    cut.set(item, shorter);
    return [shorter];
  });
}

function isRead(item: Item['kept']): item is GatewayApiObject {
  return item.kind !== 'other-class' && item.kind !== 'unread';
}

function keyOf({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string {
  return `${kind} ${namespace}/${name}`;
}
