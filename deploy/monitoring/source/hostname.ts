import { board, HERE, PROBED_HERE, type Variable } from './board.ts';
import { counted, worstState } from './expressions.ts';
import { GOOD_IF_YES, graph, SERVICE_STATES, states } from './panels.ts';

const TARGET: Variable = {
  name: 'target',
  label: 'probed URL',
  values: `label_values(probe_success{${PROBED_HERE}}, instance)`,
};
const TEAM: Variable = {
  name: 'team',
  label: 'team',
  values: `label_values(azimuth_team_hostnames{${HERE}}, team)`,
};
const GATEWAY: Variable = {
  name: 'gateway',
  label: 'gateway',
  values: `label_values(azimuth_gateway_endpoints{${HERE}}, gateway)`,
};

/** A target that was probed by several directors is shown as the worst of them sees it. */
function ofTarget(how: 'min' | 'max', metric: string, by = 'instance'): string {
  return `${how} by (${by}) (${metric}{${PROBED_HERE}, instance=~"$target"})`;
}

/** What is known of one hostname. */
export const HOSTNAME = board({
  name: 'hostname',
  title: 'one hostname',
  about:
    'Hostnames are no labels of the metrics: of 100,000 names no server would keep series. What is known of one stands in the page /metrics/probes, whose targets begin with the probed URL and end with the address: choose those of your hostname above. The team and the gateway give the rest. Who is answered whom: azimuth explain.',
  variables: [TARGET, TEAM, GATEWAY],
  panels: [
    states(
      {
        title: 'Probes',
        about: 'Whether the last probe of each address was a success.',
        queries: [{ expr: ofTarget('min', 'probe_success'), legend: '{{instance}}' }],
      },
      GOOD_IF_YES,
    ),
    graph({
      title: 'Probe time',
      about: 'How long the last probe of each address took.',
      unit: 's',
      queries: [{ expr: ofTarget('max', 'probe_duration_seconds'), legend: '{{instance}}' }],
    }),
    graph(
      {
        title: 'Phases',
        about: 'The mean over the chosen addresses.',
        unit: 's',
        queries: [
          {
            expr: `avg by (phase) (probe_http_duration_seconds{${PROBED_HERE}, instance=~"$target"})`,
            legend: '{{phase}}',
          },
        ],
      },
      'stacked',
    ),
    graph({
      title: 'Status codes',
      about: 'What the gateways answered; 0 where nothing came.',
      unit: 'short',
      queries: [{ expr: ofTarget('max', 'probe_http_status_code'), legend: '{{instance}}' }],
    }),
    graph({
      title: 'Certificates',
      from: 'anywhere',
      about: 'Time until the certificate ends.',
      unit: 's',
      queries: [{ expr: `${ofTarget('min', 'probe_ssl_earliest_cert_expiry')} - time()`, legend: '{{instance}}' }],
    }),
    states(
      {
        title: 'Hostnames of the team',
        about: 'The worst state that a hostname of the team is in.',
        queries: [
          {
            expr: worstState('azimuth_team_hostnames', ['team'], 'team=~"$team"'),
            legend: '{{team}}',
          },
        ],
      },
      SERVICE_STATES,
    ),
    graph(
      {
        title: 'Endpoints of the gateway',
        about: 'By measured state.',
        unit: 'short',
        queries: [
          {
            expr: counted('azimuth_gateway_endpoints', ['cluster', 'state'], 'gateway=~"$gateway"'),
            legend: '{{cluster}} {{state}}',
          },
        ],
      },
      'stacked',
    ),
    graph({
      title: 'Drained endpoints of the gateway',
      about: 'Those that get no new answers by order of somebody.',
      unit: 'short',
      queries: [
        {
          expr: counted('azimuth_gateway_drained_endpoints', ['cluster'], 'gateway=~"$gateway"'),
          legend: '{{cluster}}',
        },
      ],
    }),
  ],
});
