import { board, CLUSTER } from './board.ts';
import { counted, grown, largest, perSecond, worstState } from './expressions.ts';
import { BAD_IF_YES, graph, SERVICE_STATES, states } from './panels.ts';

const ONE = 'cluster=~"$cluster"';
const ANSWERS = `rate(azimuth_dns_cluster_answers_total{job=~"$job", instance=~"$instance"}[$__rate_interval])`;

/** What one cluster gives and gets. */
export const ONE_CLUSTER = board({
  name: 'cluster',
  title: 'one cluster',
  about:
    'What a cluster gives and gets: its state, its share of the answers beside the expected one, and our view of it.',
  variables: [CLUSTER],
  panels: [
    states(
      {
        title: 'State',
        about: 'Its endpoints taken together, by the director that sees it worst.',
        queries: [{ expr: worstState('azimuth_cluster_state', ['cluster'], ONE), legend: '{{cluster}}' }],
      },
      SERVICE_STATES,
    ),
    states(
      {
        title: 'Drained',
        about: 'Whether an operator drained the cluster.',
        queries: [{ expr: largest('azimuth_cluster_drained', ['cluster'], ONE), legend: '{{cluster}}' }],
      },
      BAD_IF_YES,
    ),
    graph({
      title: 'Share of the answers',
      about:
        'Of all steered answers: those that started here, and those that should by the answers in force and what was asked lately.',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum by (cluster) (${ANSWERS}) / ignoring (cluster) group_left () sum(${ANSWERS}) and on (cluster) azimuth_cluster_state{${ONE}}`,
          legend: '{{cluster}}',
        },
        {
          expr: `avg by (cluster) (azimuth_cluster_expected_ratio{job=~"$job", instance=~"$instance", ${ONE}})`,
          legend: '{{cluster}} expected',
        },
      ],
    }),
    graph({
      title: 'Answers',
      about: 'Steered answers per second that begin with the cluster.',
      unit: 'reqps',
      queries: [{ expr: perSecond('azimuth_dns_cluster_answers_total', ['cluster'], ONE), legend: '{{cluster}}' }],
    }),
    graph(
      {
        title: 'Endpoints',
        about: 'By measured state, over all gateways.',
        unit: 'short',
        queries: [
          {
            expr: counted('azimuth_gateway_endpoints', ['cluster', 'state'], ONE),
            legend: '{{cluster}} {{state}}',
          },
        ],
      },
      'stacked',
    ),
    graph({
      title: 'Changes of state, 10 min',
      about: 'Of the monitors of the cluster, within ten minutes, by the director that saw most.',
      unit: 'short',
      queries: [
        {
          expr: grown('azimuth_state_changes_total', '10m', ['cluster', 'state'], ONE),
          legend: '{{cluster}} {{state}}',
        },
      ],
    }),
    graph({
      title: 'Load and admission',
      about: 'The load by the capacity, and the clients that the cluster takes; only where a monitor tells the load.',
      unit: 'percentunit',
      queries: [
        { expr: largest('azimuth_cluster_load_ratio', ['cluster'], ONE), legend: '{{cluster}} load' },
        { expr: largest('azimuth_cluster_admitted_ratio', ['cluster'], ONE), legend: '{{cluster}} admitted' },
      ],
    }),
    graph({
      title: 'Age of our view',
      about: 'Live clusters are heard of every minute; for manifests it is the time since they changed.',
      unit: 's',
      queries: [{ expr: largest('azimuth_cluster_view_age_seconds', ['cluster'], ONE), legend: '{{cluster}}' }],
    }),
    graph({
      title: 'Lists and watches',
      about: 'Of live clusters, per second. Many lists: the API server loses our place again and again.',
      unit: 'short',
      queries: [
        { expr: perSecond('azimuth_cluster_lists_total', ['cluster'], ONE), legend: '{{cluster}} lists' },
        { expr: perSecond('azimuth_cluster_watches_total', ['cluster'], ONE), legend: '{{cluster}} watches' },
      ],
    }),
    graph({
      title: 'View of live clusters',
      about: 'Directors in each state of their view; all should be watching.',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (cluster, state) (azimuth_cluster_view_state{job=~"$job", instance=~"$instance", cluster=~"$cluster"})',
          legend: '{{cluster}} {{state}}',
        },
      ],
    }),
  ],
});
