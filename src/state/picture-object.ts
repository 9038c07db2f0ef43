import type { Origin } from '../core/desired/finding.ts';
import { deepFreeze } from '../core/desired/freeze.ts';
import { type AnnotationList, NO_ANNOTATIONS } from '../core/desired/gateway-api/metadata.ts';
import type { GatewayApiObject } from '../core/desired/gateway-api/objects.ts';
import type { ParentRef } from '../core/desired/gateway-api/routes.ts';
import { isStoredObject, type StoredObject } from './picture-schema.ts';

/** An object as one line of JSON; undefined where `createRestorer` would not take it. */
export function writeObject(object: GatewayApiObject): string | undefined {
  const isPlain = object.annotations.every(([, text]) => text !== undefined);
  const annotations = isPlain ? object.annotations : object.annotations.map(([key, text]) => [key, text ?? null]);
  const stored: unknown = { ...object, annotations };
  return isStoredObject(stored) ? JSON.stringify(stored) : undefined;
}

/**
 * Makes what reads the lines of one picture again: deeply frozen objects, of which many share what is alike. Undefined for
 * a line that `writeObject` does not write; nothing makes it throw.
 */
export function createRestorer(): (line: string) => GatewayApiObject | undefined {
  const texts = createSharing<string>((text) => text);
  const parents = createSharing<readonly ParentRef[]>(JSON.stringify);
  const annotations = createSharing<AnnotationList>(JSON.stringify);
  const origins = createSharing<Origin>(({ file }) => file);

  /** Sources of objects without a line have one origin for all. */
  function restoreOrigin(origin: Origin): Origin {
    return Object.keys(origin).length === 1 ? origins(origin) : { ...origin, file: texts(origin.file) };
  }

  function restore(stored: StoredObject): GatewayApiObject {
    const common = {
      namespace: texts(stored.namespace),
      origin: restoreOrigin(stored.origin),
      annotations: stored.annotations.length === 0 ? NO_ANNOTATIONS : annotations(stored.annotations.map(restoreText)),
    };
    if ('hostnames' in stored) return { ...stored, ...common, parents: parents(stored.parents) };
    return stored.kind === 'Namespace' ? { ...stored, ...common } : { ...stored, ...common };
  }

  return (line) => {
    const stored = parseLine(line);
    return isStoredObject(stored) ? deepFreeze(restore(stored)) : undefined;
  };
}

/** Gives for what has the same key the very same value: the first that came. */
function createSharing<T>(keyOf: (value: T) => string): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const key = keyOf(value);
    const first = known.get(key);
    if (first !== undefined) return first;
    known.set(key, value);
    return value;
  };
}

function restoreText([key, text]: readonly [string, string | null]): AnnotationList[number] {
  return [key, text ?? undefined];
}

/** A line of JSON; undefined for what is none. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
