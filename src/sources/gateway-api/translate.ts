import { MAX_VALUE } from '../../core/desired/annotations/limits.ts';
import type { Finding, Origin } from '../../core/desired/finding.ts';
import { NO_ANNOTATIONS } from '../../core/desired/gateway-api/metadata.ts';
import { type GatewayApiObject, readObject } from '../../core/desired/gateway-api/objects.ts';
import { asText, at } from '../../core/desired/gateway-api/untrusted.ts';

/**
 * What is kept of a raw object. `other-class`: a Gateway of a class that is not ours, of which only the name counts.
 * `unread`: nothing of it can be used; why is in the findings.
 */
export type Item = {
  readonly kept: GatewayApiObject | OtherGateway | { readonly kind: 'unread' };
  readonly findings: readonly Finding[];
  /** What a director wrote on the object of it; that is no part of what is kept. */
  readonly status: string | undefined;
};

/** A Gateway that is none of ours. */
type OtherGateway = { readonly kind: 'other-class'; readonly namespace: string; readonly name: string };

/** None, shared. */
export const NO_FINDINGS: readonly Finding[] = Object.freeze([]);

const UNREAD: Item['kept'] = Object.freeze({ kind: 'unread' });

/** How raw objects of one cluster become items. */
export type Translation = {
  /** Where all of them come from; one object for all. */
  readonly origin: Origin;
  /** Classes of the Gateways that count; undefined for all. */
  readonly gatewayClasses: readonly string[] | undefined;
  /** The annotation in which directors write what they make of an object. */
  readonly statusKey?: string | undefined;
};

/** Translates a raw object of a known type: the items of a list need not say theirs. */
export function translate(
  { origin, gatewayClasses, statusKey }: Translation,
  type: { readonly kind: string; readonly apiVersion: string },
  value: unknown,
): Item {
  const raw = typeof value === 'object' && value !== null ? { ...value, ...type } : value;
  if (type.kind === 'Gateway' && gatewayClasses?.includes(String(at(raw, 'spec', 'gatewayClassName'))) === false) {
    return { kept: { kind: 'other-class', ...nameOf(raw) }, findings: NO_FINDINGS, status: undefined };
  }
  const read = readObject(raw, origin);
  const written = statusKey === undefined ? undefined : asText(at(raw, 'metadata', 'annotations', statusKey));
  // No director writes a longer one.
  const status = written?.slice(0, MAX_VALUE);
  if (read.kind === 'object') {
    return { kept: withoutAnnotation(read.object, statusKey), findings: read.findings, status };
  }
  return { kept: UNREAD, findings: read.kind === 'invalid' ? read.findings : NO_FINDINGS, status };
}

/** What directors write must not look like a change to them. */
function withoutAnnotation(object: GatewayApiObject, key: string | undefined): GatewayApiObject {
  if (!object.annotations.some(([one]) => one === key)) return object;
  const rest = object.annotations.filter(([one]) => one !== key);
  return Object.freeze({ ...object, annotations: rest.length === 0 ? NO_ANNOTATIONS : Object.freeze(rest) });
}

function nameOf(value: unknown): { readonly namespace: string; readonly name: string } {
  return {
    namespace: asText(at(value, 'metadata', 'namespace')) ?? '',
    name: asText(at(value, 'metadata', 'name')) ?? '',
  };
}
