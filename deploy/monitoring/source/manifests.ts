import { stringify } from 'yaml';
import { ruleGroups } from './rule-groups.ts';

const HEADER = '# Made from deploy/monitoring/source by `npm run dashboards`; a test compares the two.\n';
/** The Secret with what Prometheus needs to be let in. */
const SECRET = 'azimuth-metrics';
const LABELS = { 'app.kubernetes.io/name': 'azimuth' };

/** A document that says where it comes from. Long lines stay whole: an expression is easier to copy so. */
function yaml(value: object): string {
  return HEADER + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** `alerts.yaml`: rules for `rule_files` of Prometheus. */
export function rulesYaml(): string {
  return yaml(ruleGroups());
}

/** The same for the Prometheus operator. */
export function prometheusRuleYaml(): string {
  return yaml({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'azimuth', labels: LABELS },
    spec: ruleGroups(),
  });
}

/**
 * What to scrape, for the Prometheus operator. What it needs (a Service, a Secret, a certificate) stands in
 * `deploy/monitoring/README.md`. The page of the probes is large: it is read half as often.
 */
export function serviceMonitorYaml(): string {
  const access = {
    scheme: 'https',
    tlsConfig: { ca: { secret: { name: SECRET, key: 'ca.crt' } }, serverName: 'azimuth' },
    authorization: { type: 'Bearer', credentials: { name: SECRET, key: 'token' } },
  };
  const job = (name: string) => ({ targetLabel: 'job', replacement: name });
  // The page of the probes names its instances by itself: without it, two directors would write one series.
  const director = { sourceLabels: ['__address__'], targetLabel: 'director' };
  return yaml({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'azimuth', labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      endpoints: [
        { port: 'admin', path: '/metrics', interval: '15s', ...access, relabelings: [job('azimuth')] },
        {
          port: 'admin',
          path: '/metrics/probes',
          interval: '30s',
          honorLabels: true,
          ...access,
          relabelings: [job('azimuth-probes'), director],
        },
      ],
    },
  });
}
