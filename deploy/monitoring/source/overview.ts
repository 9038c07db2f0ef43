import { board } from './board.ts';
import { counted, grown, largest, orZero, perSecond, quantile, total, worstState } from './expressions.ts';
import { GOOD_IF_YES, graph, number, SERVICE_STATES, states } from './panels.ts';
import { THRESHOLDS } from './thresholds.ts';

/** Those that there should be, less those that can be scraped; of whom none can, there is no count. */
const MISSING =
  'sum(ceil(clamp_min(azimuth:directors:expected{job=~"$job"} - (count by (job) (up{job=~"$job"} == 1) or azimuth:directors:expected{job=~"$job"} * 0), 0)))';

/** Whether all is well, on one screen. */
export const OVERVIEW = board({
  name: 'overview',
  title: 'overview',
  about: 'Whether all is well: who is answered, by which clusters, how fast, and what stands in the way.',
  panels: [
    number({
      title: 'Directors missing',
      about:
        'Of those that there were in the hours before: they cannot be scraped, or are gone from the list of targets.',
      unit: 'short',
      queries: [{ expr: MISSING }],
      bounds: { critical: 1 },
      width: 3,
    }),
    number({
      title: 'Not ready',
      about: 'Directors of which an item of the readiness list is not ready; /readyz names it.',
      unit: 'short',
      queries: [{ expr: 'sum(min by (instance) (azimuth_ready{job=~"$job", instance=~"$instance"}) == bool 0)' }],
      bounds: { critical: 1 },
      width: 3,
    }),
    number({
      title: 'Hostnames',
      about: 'Hostnames served.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostnames') }],
      width: 3,
    }),
    number({
      title: 'Without a cluster',
      about: 'Hostnames with endpoints of which none is up and not drained: the last resort answers, or nobody.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostnames_without_cluster') }],
      bounds: { critical: 1 },
      width: 3,
    }),
    number({
      title: 'Without an endpoint',
      about: 'Hostnames that are served and have no endpoint: no Gateway of theirs has an address.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostnames_without_endpoint') }],
      bounds: { warning: 1 },
      width: 3,
    }),
    number({
      title: 'On the last cluster',
      about: 'Hostnames in several clusters of which one is left: the next failure is an outage.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_hostnames_on_last_cluster') }],
      bounds: { warning: 1 },
      width: 3,
    }),
    number({
      title: 'Prober not believed',
      about: 'Directors whose breaker is open: nothing that they measure takes an endpoint out of the answers.',
      unit: 'short',
      queries: [{ expr: total('azimuth_prober_blind') }],
      bounds: { critical: 1 },
      width: 3,
    }),
    number({
      title: 'Errors in the input',
      about: 'Findings of severity error; `GET /v1/findings` names file and line.',
      unit: 'short',
      queries: [{ expr: orZero(counted('azimuth_findings', [], 'severity="error"')) }],
      bounds: { warning: 1 },
      width: 3,
    }),
    states(
      {
        title: 'Directors',
        about: 'Whether each can be scraped. One that is gone from the list of targets ends.',
        queries: [{ expr: 'max by (instance) (up{job=~"$job", instance=~"$instance"})', legend: '{{instance}}' }],
      },
      GOOD_IF_YES,
    ),
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
      title: 'Answers out of the ordinary',
      about:
        'Steered answers per second. last-resort: it gave the addresses. residency: nobody, as fences keep the client from who could take it. nobody: there is nobody at all.',
      unit: 'reqps',
      queries: [{ expr: perSecond('azimuth_dns_exceptional_answers_total', ['reason']), legend: '{{reason}}' }],
    }),
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
      title: 'Changes of state, 10 min',
      about:
        'Changes of what is believed of monitors within ten minutes, by cluster and new state, by the director that saw most.',
      unit: 'short',
      queries: [
        { expr: grown('azimuth_state_changes_total', '10m', ['cluster', 'state']), legend: '{{cluster}} {{state}}' },
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
