import { SERVICE_LABEL } from '../../core/desired/gateway-api/backing.ts';
import { groupOf } from '../../core/desired/gateway-api/metadata.ts';

/** A kind of object that is watched. */
export type WatchedKind = {
  readonly kind: string;
  /** The API group; empty for the core group. */
  readonly group: string;
  /** The name in paths. */
  readonly plural: string;
  /**
   * `expected`: a cluster without it cannot be directed to, which is a finding. `aside`: it only tells whether Routes lead
   * to something, and nobody need allow us to read it.
   */
  readonly need: 'expected' | 'optional' | 'aside';
  /** Labels that ours have, whatever the cluster's own selector. */
  readonly selector?: string;
};

const ROWS: readonly (readonly [kind: string, plural: string, need: WatchedKind['need'], selector?: string])[] = [
  ['Gateway', 'gateways', 'expected'],
  ['HTTPRoute', 'httproutes', 'expected'],
  ['ListenerSet', 'listenersets', 'optional'],
  ['XListenerSet', 'xlistenersets', 'optional'],
  ['GRPCRoute', 'grpcroutes', 'optional'],
  ['TLSRoute', 'tlsroutes', 'optional'],
  ['TCPRoute', 'tcproutes', 'optional'],
  ['UDPRoute', 'udproutes', 'optional'],
  ['Namespace', 'namespaces', 'expected'],
  ['ReferenceGrant', 'referencegrants', 'aside'],
  ['ServiceImport', 'serviceimports', 'aside'],
  ['EndpointSlice', 'endpointslices', 'aside', SERVICE_LABEL],
];

/** The kinds of the table that core can read. */
export const WATCHED_KINDS: readonly WatchedKind[] = ROWS.flatMap(([kind, plural, need, selector]) => {
  const group = groupOf(kind);
  return group === undefined ? [] : [{ kind, group, plural, need, ...(selector === undefined ? {} : { selector }) }];
});

/** Versions that are asked for, best first. */
export const VERSIONS = ['v1', 'v1beta1', 'v1alpha3', 'v1alpha2', 'v1alpha1'] as const;

/** An `apiVersion` as objects write it. The core group has no name. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Where a group version's resources are. */
export function pathOf(group: string, version: string): string {
  return `${group === '' ? '/api' : '/apis'}/${apiVersionOf(group, version)}`;
}
