import type { Address } from './address.ts';
import type { Annotated } from './annotations/setting.ts';
import type { Listener } from './gateway-api/listeners.ts';
import type { Route } from './gateway-api/routes.ts';
import type { ClusterSpec, Unready } from './model.ts';
import { createSequenceIndex } from './sequence-index.ts';

/** A Gateway or ListenerSet as the clients see it. */
export type Front = {
  /** `namespace/name` of the Gateway. */
  readonly gateway: string;
  readonly addresses: readonly Address[];
  /** Objects with settings for all its hostnames: the ListenerSet, the Gateway, the cluster's configuration. */
  readonly sources: readonly Annotated[];
};

/** What a listener speaks, as far as a probe can. */
export type Spoken = 'https' | 'http' | 'tcp' | 'nothing';

/**
 * One cluster asks for a hostname on a listener. It names neither the hostname nor who asks: all that ask alike share one
 * claim.
 */
export type Claim = {
  readonly number: number;
  readonly cluster: ClusterSpec;
  readonly front: Front;
  /** 1–65535; 0 where the controller chooses. */
  readonly port: number;
  readonly speaks: Spoken;
  /** The Route, where it has settings. */
  readonly route: Annotated | undefined;
  /** Undefined where nothing that is required speaks against it. */
  readonly unready: Unready | undefined;
};

/** All claims of one object of one cluster for one hostname. Equal bundles are one. */
export type Bundle = {
  readonly number: number;
  /** The cluster's place in the order of names. */
  readonly rank: number;
  readonly parts: readonly Claim[];
  /** How many hold on to it. */
  users: number;
};

/** Makes claims and bundles, each with a number of its own. */
export type ClaimBook = {
  claim(parts: Omit<Claim, 'number'>): Claim;
  /** The bundle of these claims, in any order. It is forgotten at the next settling if nobody holds on to it. */
  bundle(rank: number, claims: readonly Claim[]): Bundle;
  retain(bundles: readonly Bundle[]): void;
  release(bundles: readonly Bundle[]): void;
  settle(): void;
};

/** An empty book. */
export function createClaimBook(): ClaimBook {
  const index = createSequenceIndex<Claim, Bundle>();
  let next = 0;
  let loose: Bundle[] = [];
  return {
    claim: (parts) => Object.freeze({ ...parts, number: next++ }),
    bundle(rank, claims) {
      const parts = claims.length === 1 ? claims : claims.toSorted((a, b) => a.number - b.number);
      const known = index.find(parts);
      if (known !== undefined) return known;
      const bundle: Bundle = { number: next++, rank, parts, users: 0 };
      index.add(bundle);
      loose.push(bundle);
      return bundle;
    },
    retain(bundles) {
      for (const bundle of bundles) bundle.users += 1;
    },
    release(bundles) {
      for (const bundle of bundles) {
        bundle.users -= 1;
        if (bundle.users === 0) loose.push(bundle);
      }
    },
    settle() {
      for (const bundle of new Set(loose)) if (bundle.users === 0) index.delete(bundle);
      loose = [];
    },
  };
}

/** What is spoken on a listener, for a Route of this kind. */
export function spokenBy({ protocol, mode }: Listener, kind: Route['kind'] | 'none'): Spoken {
  if (protocol === 'UDP') return 'nothing';
  // A gRPC server answers GET / with 404 or 415: that would take a healthy cluster out.
  if (kind === 'GRPCRoute') return 'tcp';
  if (protocol === 'HTTPS' && mode === 'Terminate') return 'https';
  return protocol === 'HTTP' ? 'http' : 'tcp';
}
