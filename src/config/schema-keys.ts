import { Type } from 'typebox';
import { MAX_TTL } from '../core/desired/zone-lines.ts';
import { parseDuration } from './duration.ts';
import { LISTEN_ADDRESS, parseListenAddress } from './listen-address.ts';

/** What every key says about itself. `expected` completes "expected …"; `shown` is a default that depends on others. */
export type Key = {
  readonly help: string;
  readonly unit?: string;
  readonly expected?: string;
  readonly shown?: string;
};

/** A text that is not empty. */
export const text = (key: Key & { readonly default?: string }) =>
  Type.String({ expected: 'a text', minLength: 1, ...key });

/** A path of the file system. */
export const path = (key: Key & { readonly default?: string }) => text({ expected: 'a path', unit: 'path', ...key });

/** A whole number between two bounds, both included. */
export const integer = (minimum: number, maximum: number, key: Key & { readonly default?: number }) =>
  Type.Integer({ minimum, maximum, expected: `a whole number from ${minimum} to ${maximum}`, ...key });

/** A number between two bounds, both included. */
export const number = (minimum: number, maximum: number, key: Key) =>
  Type.Number({ minimum, maximum, expected: `a number from ${minimum} to ${maximum}`, ...key });

/** Seconds as DNS has them. */
export const seconds = (key: Key & { readonly default: number }) => integer(0, MAX_TTL, { unit: 'seconds', ...key });

/** One of a few words. */
export const choice = <Value extends string>(
  values: readonly Value[],
  key: Key & { readonly default: NoInfer<Value> },
) => Type.Enum<Value[]>(values, { expected: `one of ${values.join(', ')}`, ...key });

/** A duration between two bounds, both included. */
export const duration = (minimum: string, maximum: string, key: Key & { readonly default: string }) => {
  const [low = 0, high = 0] = [parseDuration(minimum), parseDuration(maximum)];
  return Type.Refine(
    Type.String({ unit: 'duration', expected: `a duration from ${minimum} to ${maximum} like "10s"`, ...key }),
    (value) => {
      const ms = parseDuration(value);
      return ms !== undefined && ms >= low && ms <= high;
    },
  );
};

/** An address and port. */
export const listenAddress = (key: Key & { readonly default?: string }) =>
  Type.Refine(Type.String({ expected: LISTEN_ADDRESS, ...key }), (value) => parseListenAddress(value) !== undefined);

/** A prefix of annotations. */
export const prefix = (key: Key & { readonly default?: string }) =>
  Type.Refine(
    Type.String({ expected: 'a lower-case DNS name and a slash like "azimuth.dev/"', ...key }),
    (value) => value.length <= 254 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/$/.test(value),
  );

/** For objects: unknown keys are refused. */
export const closed = { additionalProperties: false };
