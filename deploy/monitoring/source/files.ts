import { CHANGES } from './changes.ts';
import { ONE_CLUSTER } from './cluster.ts';
import { DNS } from './dns.ts';
import { HOSTNAME } from './hostname.ts';
import { prometheusRuleYaml, rulesYaml, serviceMonitorYaml } from './manifests.ts';
import { OVERVIEW } from './overview.ts';
import { PROBES } from './probes.ts';

/** All boards, by the name of their file. */
const BOARDS = {
  overview: OVERVIEW,
  probes: PROBES,
  hostname: HOSTNAME,
  cluster: ONE_CLUSTER,
  dns: DNS,
  changes: CHANGES,
} as const;

/** What is made from this source: path below `deploy/monitoring` → text. */
export function monitoringFiles(): ReadonlyMap<string, string> {
  const boards = Object.entries(BOARDS).map(
    ([name, board]) => [`dashboards/${name}.json`, `${JSON.stringify(board, undefined, 2)}\n`] as const,
  );
  return new Map([
    ...boards,
    ['alerts.yaml', rulesYaml()],
    ['kubernetes/prometheus-rule.yaml', prometheusRuleYaml()],
    ['kubernetes/service-monitor.yaml', serviceMonitorYaml()],
  ]);
}
