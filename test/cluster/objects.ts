import type { LiveCluster } from '../../src/sources/gateway-api/cluster-watch.ts';

/** The CRDs that the tests use, of the file names of a set. */
export const USED_CRDS = /_(gateways|httproutes|listenersets|grpcroutes|tlsroutes)\.yaml$/;

const meta = (name: string, namespace: string, annotations: Readonly<Record<string, string>> = {}) => ({
  name,
  namespace,
  annotations,
  labels: { app: name },
});

/** A Gateway with one HTTP listener. */
export function gateway(
  name: string,
  namespace: string,
  options: { readonly gatewayClassName?: string; readonly annotations?: Readonly<Record<string, string>> } = {},
): string {
  return JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: meta(name, namespace, options.annotations),
    spec: {
      gatewayClassName: options.gatewayClassName ?? 'public',
      listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }],
    },
  });
}

/** An HTTPRoute that attaches to Gateways of its namespace. */
export function route(name: string, namespace: string, hostname: string, ...parents: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: meta(name, namespace),
    spec: { hostnames: [hostname], parentRefs: parents.map((parent) => ({ name: parent })) },
  });
}

/** A context of a kubeconfig as a cluster to watch, all of it. */
export function live(file: string, context: string, more: Partial<LiveCluster> = {}): LiveCluster {
  const access = { kind: 'kubeconfig', file, context } as const;
  return { cluster: context, access, namespaces: [], selector: undefined, gatewayClasses: undefined, ...more };
}
