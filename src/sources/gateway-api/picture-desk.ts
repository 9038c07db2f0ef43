import type { Finding, Origin } from '../../core/desired/finding.ts';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';
import type { Route } from '../../core/desired/gateway-api/routes.ts';
import type { Fact, Picture } from '../../core/desired/picture.ts';
import type { Clock } from '../../core/ports.ts';
import type { Bundle } from './bundle.ts';
import { createClusterFacts } from './cluster-facts.ts';
import { ofOurClasses } from './gateway-classes.ts';
import { COALESCE_MS, MIN_PICTURE_INTERVAL_MS } from './limits.ts';
import type { NodeRegions } from './node-regions.ts';
import type { Reflector } from './reflector.ts';
import { tooLarge, unreachable, viewFindings } from './view-findings.ts';

/** Makes pictures of one cluster from its reflectors. */
export type PictureDesk = {
  /** Something changed: a picture follows soon, once every reflector is settled. */
  changed(what: 'objects' | 'view'): void;
  /** Hands over a picture that says only why there is none. */
  apologize(): void;
  close(): void;
};

/** What a desk works with. */
export type PictureDeskOptions = {
  readonly cluster: string;
  readonly origin: Origin;
  readonly clock: Clock;
  reflectors(): readonly Reflector[];
  /** Where the cluster is, where its nodes are asked. */
  readonly nodes: NodeRegions | undefined;
  readonly bundle: Bundle;
  onPicture(picture: Picture): void;
};

/** Changes are collected for `COALESCE_MS`, and pictures come `MIN_PICTURE_INTERVAL_MS` apart. */
export function createPictureDesk(options: PictureDeskOptions): PictureDesk {
  const { cluster, origin, clock, nodes } = options;
  const cut = new WeakMap<GatewayApiObject, Route>();
  let cancel: (() => void) | undefined;
  let handedAt = Number.NEGATIVE_INFINITY;
  let state: 'open' | 'closed' = 'open';
  /** The very same list while no object changes. */
  let objects: readonly GatewayApiObject[] | undefined;
  let told: readonly Finding[] | undefined;
  let toldRegion: string | undefined;
  const aboutOf = createClusterFacts(options.bundle);
  let about: readonly Fact[] | undefined;

  function hand(of: readonly GatewayApiObject[], findings: readonly Finding[]): void {
    handedAt = clock.now();
    const region = nodes?.region();
    const known = about === undefined ? {} : { about };
    const placed = region === undefined ? {} : { region };
    options.onPicture(Object.freeze({ cluster, objects: of, findings: Object.freeze(findings), ...placed, ...known }));
  }

  function develop(): void {
    cancel = undefined;
    const reflectors = options.reflectors();
    const views = reflectors.map((reflector) => reflector.view());
    const findings = [...viewFindings(origin, views)];
    if (reflectors.some(({ shelf }) => shelf.state() === 'full')) findings.push(tooLarge(origin));
    for (const { shelf } of reflectors) for (const one of shelf.findings()) findings.push(one);
    findings.push(...(nodes?.findings() ?? []));
    const region = nodes?.region();
    const facts = aboutOf(views);
    const isToldOfCluster = region === toldRegion && facts === about;
    if (objects !== undefined && isSame(findings, told) && isToldOfCluster) return;
    about = facts;
    objects ??= Object.freeze(ofOurClasses([...itemsOf(reflectors)], cut));
    told = findings;
    toldRegion = region;
    hand(objects, findings);
  }

  return {
    changed(what) {
      if (what === 'objects') objects = undefined;
      if (cancel !== undefined || state === 'closed') return;
      const awaited = [...options.reflectors(), options.bundle, ...(nodes === undefined ? [] : [nodes])];
      if (awaited.some((one) => one.readiness() === 'unsettled')) return;
      const wait = Math.max(COALESCE_MS, handedAt + MIN_PICTURE_INTERVAL_MS - clock.now());
      // The wall clock may have been set back.
      cancel = clock.after(Math.min(wait, MIN_PICTURE_INTERVAL_MS), develop);
    },
    apologize() {
      const views = options.reflectors().map((reflector) => reflector.view());
      hand(Object.freeze([]), [unreachable(origin, views)]);
    },
    close() {
      state = 'closed';
      cancel?.();
    },
  };
}

function* itemsOf(reflectors: readonly Reflector[]) {
  for (const { shelf } of reflectors) yield* shelf.items();
}

/** Findings of views are made anew each time. */
function isSame(findings: readonly Finding[], told: readonly Finding[] | undefined): boolean {
  if (findings.length !== told?.length) return false;
  return findings.every(({ code, message }, index) => told[index]?.code === code && told[index]?.message === message);
}
