import { ALERTS, anchorOf } from './alerts.ts';
import { RECORDING_RULES } from './recording.ts';

/** Where the runbooks are: from the root of the checkout, or by the address at which you serve the pages. */
const RUNBOOKS = process.env['AZIMUTH_RUNBOOKS'] ?? 'docs/operations.md';

/** The groups of rules as Prometheus reads them. */
export function ruleGroups(): object {
  const alerts = ALERTS.map((alert) => ({
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: { summary: alert.summary, runbook_url: `${RUNBOOKS}#${anchorOf(alert)}` },
  }));
  return {
    groups: [
      { name: 'azimuth-recording', interval: '30s', rules: RECORDING_RULES },
      { name: 'azimuth-alerts', rules: alerts },
    ],
  };
}
