/** A kubeconfig with one context, of which parts can be others. */
export function kubeconfigWith(cluster: object = {}, user: object = { token: 'abc' }, more: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/path', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    ...more,
  };
}

/** A raw Secret as an API server has it. */
export function labelledSecret(
  name: string,
  kubeconfig: object | string = kubeconfigWith(),
  annotations: Readonly<Record<string, string>> = { 'azimuth.dev/location': 'DE' },
  creationTimestamp = '2026-01-01T00:00:00Z',
): object {
  const text = typeof kubeconfig === 'string' ? kubeconfig : JSON.stringify(kubeconfig);
  return {
    metadata: { name, namespace: 'azimuth', creationTimestamp, annotations },
    data: { kubeconfig: Buffer.from(text).toString('base64') },
  };
}
