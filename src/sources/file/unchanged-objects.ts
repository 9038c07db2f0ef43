import { isDeepStrictEqual } from 'node:util';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';

/** Whether an object that only stands on another line now is another one. */
export type LineRule = 'line counts' | 'line does not count';

/**
 * Gives for each object of a manifest, in their order, the very same one of the last reading where nothing of it changed:
 * whoever comes behind does nothing for what is the same.
 */
export function createKeeper(before: readonly GatewayApiObject[], rule: LineRule) {
  let cursor = 0;
  /** Made only where objects came, went or moved. */
  let places: ReadonlyMap<string, number> | undefined;
  return (object: GatewayApiObject): GatewayApiObject => {
    let known = before[cursor];
    if (known === undefined || !isNamesake(known, object)) {
      if (before.length === 0) return object;
      places ??= new Map(before.map((each, index) => [nameOf(each), index]));
      const place = places.get(nameOf(object));
      if (place === undefined) return object;
      cursor = place;
      known = before[place]!;
    }
    cursor++;
    return isSame(known, object, rule) ? known : object;
  };
}

function nameOf({ kind, namespace, name }: GatewayApiObject): string {
  return `${kind} ${namespace}/${name}`;
}

function isNamesake(a: GatewayApiObject, b: GatewayApiObject): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.kind === b.kind;
}

function isSame(known: GatewayApiObject, object: GatewayApiObject, rule: LineRule): boolean {
  if (rule === 'line counts' && known.origin.line !== object.origin.line) return false;
  return isDeepStrictEqual(known, { ...object, origin: known.origin });
}
