import { resolve } from 'node:path';
import type { Static } from 'typebox';
import { quote } from '../core/desired/quote.ts';
import type { ClusterSecretsSource, LiveClusterSource, ManifestSource } from './config.ts';
import type { Complain, Path } from './problem.ts';
import type { Cluster, ClusterSecrets } from './schema.ts';

type ClusterEntry = Static<typeof Cluster>;

/** Where a cluster can be read; one of them is to be given. */
const PLACES = ['manifests', 'kubeconfig', 'in-cluster'] as const;
/** What only says which objects of a live cluster are read. */
const LIVE_ONLY = ['namespaces', 'selector', 'gateway-classes'] as const;

/** Where a cluster's objects come from; complains of keys that do not go together. */
export function buildSource(
  { name: cluster, source }: ClusterEntry,
  path: Path,
  complain: Complain,
  directory: string,
): ManifestSource | LiveClusterSource | undefined {
  const given = PLACES.filter((key) => source[key] !== undefined);
  const [place, other] = given;
  if (place === undefined || other !== undefined) {
    const expected = 'a folder of manifests like { manifests: clusters/eu-west }, or a kubeconfig, or in-cluster: true';
    complain(path, { expected, found: place === undefined ? 'none of them' : given.map(quote).join(' and ') });
    return undefined;
  }
  if (source.context !== undefined && place !== 'kubeconfig') {
    complain([...path, 'context'], {
      expected: 'no context where there is no kubeconfig',
      found: quote(source.context),
    });
    return undefined;
  }
  if (source.manifests !== undefined) {
    const live = LIVE_ONLY.find((key) => source[key] !== undefined);
    if (live === undefined) return { cluster, manifests: resolve(directory, source.manifests) };
    complain([...path, live], { expected: 'a live cluster, which alone has it', found: 'a folder of manifests' });
    return undefined;
  }
  return buildLive(cluster, source, path, complain, directory);
}

function buildLive(
  cluster: string,
  source: ClusterEntry['source'],
  path: Path,
  complain: Complain,
  directory: string,
): LiveClusterSource | undefined {
  const { kubeconfig, context, selector, namespaces = [] } = source;
  if (source['in-cluster'] === false) {
    complain([...path, 'in-cluster'], { expected: 'true, or another source', found: 'false' });
    return undefined;
  }
  const odd = namespaces.findIndex((one) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(one));
  if (odd >= 0) {
    complain([...path, 'namespaces', odd], {
      expected: 'the name of a namespace',
      found: quote(namespaces[odd] ?? ''),
    });
    return undefined;
  }
  if (selector !== undefined && !isSelector(selector)) {
    const expected = 'a label selector like "app=shop,tier in (web,api),!internal"';
    complain([...path, 'selector'], { expected, found: quote(selector) });
    return undefined;
  }
  return {
    cluster,
    access:
      kubeconfig === undefined
        ? { kind: 'in-cluster' }
        : { kind: 'kubeconfig', file: resolve(directory, kubeconfig), context },
    namespaces: [...new Set(namespaces)],
    selector,
    gatewayClasses: source['gateway-classes'],
  };
}

/** Where Secrets with clusters are; undefined where the section does not say so, or was complained of. */
export function buildClusterSecrets(
  section: Static<typeof ClusterSecrets> | undefined,
  prefix: string,
  complain: Complain,
  directory: string,
): ClusterSecretsSource | undefined {
  if (section === undefined) return undefined;
  const { kubeconfig, context, namespace, label = `${prefix}cluster=true` } = section;
  const here = ['cluster-secrets'];
  const isHere = section['in-cluster'];
  if (kubeconfig === undefined && isHere === undefined) {
    if (context === undefined && section.label === undefined) return undefined;
    complain(here, { expected: 'a kubeconfig, or in-cluster: true', found: 'none of them' });
  } else if (kubeconfig !== undefined && isHere !== undefined) {
    complain(here, { expected: 'a kubeconfig, or in-cluster: true', found: 'both' });
  } else if (isHere === false) {
    complain([...here, 'in-cluster'], { expected: 'true, or a kubeconfig', found: 'false' });
  } else if (kubeconfig === undefined && context !== undefined) {
    const expected = 'no context where there is no kubeconfig';
    complain([...here, 'context'], { expected, found: quote(context) });
  } else if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    complain([...here, 'namespace'], { expected: 'the name of a namespace', found: quote(namespace) });
  } else if (!isSelector(label)) {
    const expected = 'a label selector like "app=shop,tier in (web,api),!internal"';
    complain([...here, 'label'], { expected, found: quote(label) });
  } else {
    const file = kubeconfig === undefined ? undefined : resolve(directory, kubeconfig);
    const access =
      file === undefined ? { kind: 'in-cluster' as const } : { kind: 'kubeconfig' as const, file, context };
    return { access, namespace, selector: label };
  }
  return undefined;
}

/** Whether a text is a label selector as `kubectl -l` takes it: requirements, all of which must hold. */
function isSelector(text: string): boolean {
  const key = String.raw`(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?`;
  const value = String.raw`(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?`;
  const set = String.raw`\(\s*${value}(?:\s*,\s*${value})*\s*\)`;
  const requirement = String.raw`\s*(?:!?\s*${key}|${key}\s*(?:=|==|!=)\s*${value}|${key}\s+(?:in|notin)\s*${set})\s*`;
  return text.length <= 1024 && new RegExp(`^${requirement}(?:,${requirement})*$`).test(text);
}
