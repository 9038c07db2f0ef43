import type { Level, SettingKey } from '../annotations/setting.ts';
import type { System } from './systems.ts';

/** Where a foreign annotation can stand. */
export type Place = Exclude<Level, 'cluster'>;

/** Which hostnames of a Route are published, by external-dns's `gateway-hostname-source`. */
export type HostnameSource = 'annotation-only' | 'defined-hosts-only';

/** What a foreign annotation says in our words. */
export type Reading =
  | {
      readonly kind: 'settings';
      /** Our keys without prefix, with a value that their parser takes. */
      readonly settings: readonly (readonly [key: SettingKey, text: string])[];
      /** Where ours is not quite the same. */
      readonly note?: string;
    }
  | { readonly kind: 'hostnames'; readonly words: readonly string[] }
  | { readonly kind: 'hostname-source'; readonly source: HostnameSource }
  /** It changes nothing here, and nothing is lost. */
  | { readonly kind: 'unneeded'; readonly why: string }
  | { readonly kind: 'untranslated'; readonly why: string; readonly suggestion: string };

/** What reading one annotation may look at besides its value. */
export type Beside = {
  /** Our prefix. */
  readonly prefix: string;
  /** The value of another key of the same vocabulary on the same object. */
  readonly value: (key: string) => string | undefined;
  /** The cluster that a k8gb geotag stands for. */
  readonly clusterOf: (geotag: string) => string | undefined;
};

/** One key of another system. */
export type ForeignKey = {
  /** Without prefix. A `*` at the end stands for every key that starts so and is not listed. */
  readonly key: string;
  /** Where the other system reads it, or where it makes sense here. */
  readonly on: readonly Place[];
  /** What becomes of it, for the documentation: our keys, or a word. */
  readonly ours: string;
  readonly notes: string;
  readonly read: (text: string, beside: Beside) => Reading;
};

/** All keys of one system under one prefix. */
export type Vocabulary = {
  readonly system: System;
  readonly prefix: string;
  readonly keys: readonly ForeignKey[];
  /** Whether a key under the prefix that is not listed is worth a finding: the prefix is for such annotations alone. */
  readonly unlisted: 'reported' | 'foreign';
  /** Why the system itself would pass over all annotations of an object. */
  readonly silence: (value: Beside['value']) => string | undefined;
};

/** What became of a foreign annotation. */
export type Remark = {
  readonly code: 'annotation-translated' | 'annotation-untranslated' | 'annotation-unneeded';
  readonly message: string;
  readonly suggestion: string | undefined;
};

/** Takes remarks. */
export type Say = (code: Remark['code'], message: string, suggestion?: string) => void;

/** Everywhere an annotation of ours has an effect. */
export const ANYWHERE: readonly Place[] = ['Route', 'ListenerSet', 'Gateway'];

/** For vocabularies that always speak. */
export const NEVER_SILENT: Vocabulary['silence'] = () => undefined;

/** What is said by settings of ours; their texts are ones that our own parsers take. */
export function setting(
  settings: readonly (readonly [SettingKey, string])[],
  note?: string,
): Reading & { readonly kind: 'settings' } {
  return { kind: 'settings', settings, ...(note === undefined ? {} : { note }) };
}

/** A value that is lost, why, and what to do about it. */
export function untranslated(why: string, suggestion: string): Reading {
  return { kind: 'untranslated', why, suggestion };
}

/** A key that changes nothing here, whatever its value. */
export function unneeded(key: string, why: string): ForeignKey {
  return { key, on: ANYWHERE, ours: 'not needed', notes: why, read: () => ({ kind: 'unneeded', why }) };
}
