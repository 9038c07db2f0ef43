import { board } from './board.ts';
import { largest, orZero, perSecond, quantile, total, worstState } from './expressions.ts';
import { graph, number, SERVICE_STATES, states } from './panels.ts';
import { THRESHOLDS } from './thresholds.ts';

/** Whether all is well, on one screen. */
export const OVERVIEW = board({
  name: 'overview',
  title: 'overview',
  about: 'Whether all is well: who is answered, by which clusters, how fast, and what stands in the way.',
  panels: [
    number({
      title: 'Not ready',
      about: 'Directors of which an item of the readiness list is not ready; /readyz names it.',
      unit: 'short',
      queries: [{ expr: 'sum(min by (instance) (azimuth_ready{job=~"$job", instance=~"$instance"}) == bool 0)' }],
      bounds: { critical: 1 },
    }),
    number({
      title: 'Hostnames',
      about: 'Hostnames served.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostnames') }],
    }),
    number({
      title: 'Without a cluster',
      about: 'Hostnames of which no endpoint is up and not drained: the last resort speaks.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostnames_without_cluster') }],
      bounds: { critical: 1 },
    }),
    number({
      title: 'On the last cluster',
      about: 'Hostnames in several clusters of which one is left: the next failure is an outage.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostnames_on_last_cluster') }],
      bounds: { warning: 1 },
    }),
    number({
      title: 'Prober not believed',
      about: 'Directors whose breaker is open: nothing that they measure takes an endpoint out of the answers.',
      unit: 'short',
      queries: [{ expr: total('azimuth_prober_blind') }],
      bounds: { critical: 1 },
    }),
    number({
      title: 'Errors in the input',
      about: 'Findings of severity error; `GET /v1/findings` names file and line.',
      unit: 'short',
      queries: [{ expr: orZero(largest('azimuth_findings', [], 'severity="error"')) }],
      bounds: { warning: 1 },
    }),
    states(
      {
        title: 'Clusters',
        about: 'How the endpoints of each cluster fare, by the director that sees it worst.',
        queries: [{ expr: worstState('azimuth_cluster_state', ['cluster']), legend: '{{cluster}}' }],
      },
      SERVICE_STATES,
    ),
    graph(
      {
        title: 'Answers by cluster',
        about: 'Steered answers per second by the first cluster in them.',
        unit: 'reqps',
        queries: [{ expr: perSecond('azimuth_dns_cluster_answers_total', ['cluster']), legend: '{{cluster}}' }],
      },
      'stacked',
    ),
    graph({
      title: 'Answers by code',
      about: 'DNS responses per second. REFUSED is for names outside our zones, SERVFAIL a fault of ours.',
      unit: 'reqps',
      queries: [{ expr: perSecond('azimuth_dns_responses_total', ['rcode']), legend: '{{rcode}}' }],
    }),
    graph({
      title: 'Time to answer ourselves',
      about: 'How long our listeners take to answer a question of the director itself, queues of the system included.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'azimuth_dns_self_check_duration_seconds', ['instance']), legend: '{{instance}} median' },
        { expr: quantile(0.95, 'azimuth_dns_self_check_duration_seconds', ['instance']), legend: '{{instance}} 95 %' },
      ],
      bounds: THRESHOLDS.latency,
    }),
    graph({
      title: 'Changes of state',
      about: 'Changes per second of what is believed of monitors, by cluster and new state.',
      unit: 'short',
      queries: [
        { expr: perSecond('azimuth_state_changes_total', ['cluster', 'state']), legend: '{{cluster}} {{state}}' },
      ],
    }),
    graph({
      title: 'Hostnames by state',
      about: 'Degraded: some endpoints are not up. Unseen: not probed yet, which is not down.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostname_states', ['state']), legend: '{{state}}' }],
    }),
  ],
});
