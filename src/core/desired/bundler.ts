import type { Annotated } from './annotations/setting.ts';
import { type Bundle, type Claim, type ClaimBook, type Front, spokenBy } from './claim.ts';
import type { Opening } from './gateway-api/opening.ts';
import type { Route } from './gateway-api/routes.ts';
import type { ClusterSpec, Unready } from './model.ts';

/** A listener on which something is asked for, and what speaks against it. */
export type Served = { readonly opening: Opening; readonly unready?: Unready };

/** Makes bundles for one asker: a Route with its settings, or a listener itself. */
export type Bundler = (
  kind: Route['kind'] | 'none',
  route: Annotated | undefined,
) => (served: readonly Served[]) => Bundle;

/** Makes bundles of the claims on openings. Openings that a probe cannot tell apart have one claim. */
export function createBundler(cluster: ClusterSpec, rank: number, claims: ClaimBook): Bundler {
  const plain = new Map<Front, Map<string, Claim>>();
  const unreadyOnes = new WeakMap<Unready, Map<Claim, Claim>>();
  const claimOn = ({ holder: { front }, listener, claims: known }: Opening, kind: Route['kind'] | 'none'): Claim => {
    const already = known.get(kind);
    if (already !== undefined) return already;
    const speaks = spokenBy(listener, kind);
    const ofFront = plain.get(front) ?? new Map<string, Claim>();
    plain.set(front, ofFront);
    const key = `${listener.port} ${speaks}`;
    const { port } = listener;
    const claim =
      ofFront.get(key) ?? claims.claim({ cluster, front, port, speaks, route: undefined, unready: undefined });
    ofFront.set(key, claim);
    known.set(kind, claim);
    return claim;
  };
  const withUnready = (claim: Claim, unready: Unready | undefined): Claim => {
    if (unready === undefined) return claim;
    const known = unreadyOnes.get(unready) ?? new Map<Claim, Claim>();
    unreadyOnes.set(unready, known);
    const made = known.get(claim) ?? claims.claim({ ...claim, unready });
    known.set(claim, made);
    return made;
  };
  return (kind, route) => {
    const own = new Map<Claim, Claim>();
    const withRoute = (claim: Claim): Claim => {
      if (route === undefined) return claim;
      const made = own.get(claim) ?? claims.claim({ ...claim, route });
      own.set(claim, made);
      return made;
    };
    return (served) => {
      const made = served.map(({ opening, unready }) => withRoute(withUnready(claimOn(opening, kind), unready)));
      return claims.bundle(rank, made.length === 1 ? made : [...new Set(made)]);
    };
  };
}
