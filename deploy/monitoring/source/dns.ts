import { board, ZONE } from './board.ts';
import { orZero, perSecond, quantile, total } from './expressions.ts';
import { graph, number } from './panels.ts';
import { THRESHOLDS } from './thresholds.ts';

/** The DNS servers and the process around them. */
export const DNS = board({
  name: 'dns',
  title: 'DNS server',
  about: 'What is asked and answered over which transport, what is dropped, and what the process uses.',
  variables: [ZONE],
  panels: [
    number({
      title: 'Answers per second',
      about: 'Over all transports.',
      unit: 'reqps',
      queries: [{ expr: perSecond('azimuth_dns_responses_total') }],
    }),
    number({
      title: 'Not answered',
      about:
        'The fraction of the questions of the last 5 minutes with SERVFAIL or, by a fault of ours, without an answer.',
      unit: 'percentunit',
      queries: [{ expr: 'max(azimuth:answer_errors:ratio_rate5m{job=~"$job", instance=~"$instance"})' }],
      bounds: THRESHOLDS.errors,
    }),
    number({
      title: 'Threads down',
      about: 'Of the native engine; the portable engine stands in for them.',
      unit: 'short',
      queries: [{ expr: total('azimuth_dns_workers', [], 'state=~"restarting|failed"') }],
      bounds: { critical: 1 },
    }),
    number({
      title: 'TCP connections',
      about: 'Open now.',
      unit: 'short',
      queries: [{ expr: total('azimuth_dns_tcp_connections') }],
    }),
    number({
      title: 'Versions',
      about: 'Version and engine of each director.',
      unit: 'short',
      queries: [{ expr: total('azimuth_build_info', ['version', 'engine']), legend: '{{version}} {{engine}}' }],
      width: 8,
    }),
    graph(
      {
        title: 'Answers by type and code',
        about: 'Per second, by the type asked for; a SOA every 5 seconds and listener is the director asking itself.',
        unit: 'reqps',
        queries: [
          { expr: perSecond('azimuth_dns_type_responses_total', ['type', 'rcode']), legend: '{{type}} {{rcode}}' },
        ],
      },
      'stacked',
    ),
    graph({
      title: 'Answers by transport and code',
      about: 'Per second.',
      unit: 'reqps',
      queries: [
        { expr: perSecond('azimuth_dns_responses_total', ['transport', 'rcode']), legend: '{{transport}} {{rcode}}' },
      ],
    }),
    graph({
      title: 'Answers by zone and code',
      about: 'Per second.',
      unit: 'reqps',
      queries: [
        {
          expr: perSecond('azimuth_dns_zone_answers_total', ['zone', 'rcode'], 'zone=~"$zone"'),
          legend: '{{zone}} {{rcode}}',
        },
      ],
    }),
    graph({
      title: 'Dropped',
      about:
        'Messages per second without an answer. busy and send-failed are ours, as is a full queue: the system drops what comes faster than a listener takes it. The rest is what came.',
      unit: 'reqps',
      queries: [
        { expr: perSecond('azimuth_dns_dropped_total', ['reason']), legend: '{{reason}}' },
        {
          expr: perSecond('azimuth_dns_receive_queue_drops_total', ['listener']),
          legend: 'full queue of {{listener}}',
        },
      ],
    }),
    graph({
      title: 'Time to answer ourselves',
      about: 'From socket to socket, by listener. What waits in the queue of the system is in it.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'azimuth_dns_self_check_duration_seconds', ['listener']), legend: '{{listener}} median' },
        { expr: quantile(0.95, 'azimuth_dns_self_check_duration_seconds', ['listener']), legend: '{{listener}} 95 %' },
      ],
      bounds: THRESHOLDS.latency,
    }),
    graph({
      title: 'Questions of our own that failed',
      about: 'Per second. Any is a reason to look.',
      unit: 'short',
      queries: [
        {
          expr: perSecond('azimuth_dns_self_checks_total', ['listener'], 'result="failed"'),
          legend: '{{listener}}',
        },
      ],
    }),
    graph({
      title: 'TCP',
      about: 'Connections per second, opened and closed by whom, and answers that were cut: their clients come by TCP.',
      unit: 'short',
      queries: [
        { expr: perSecond('azimuth_dns_tcp_accepted_total'), legend: 'accepted' },
        { expr: perSecond('azimuth_dns_tcp_closed_total', ['reason']), legend: 'closed: {{reason}}' },
        { expr: perSecond('azimuth_dns_truncated_total'), legend: 'truncated' },
      ],
    }),
    graph({
      title: 'Errors of system calls',
      about: 'Of the native engine, out of the ordinary, per second.',
      unit: 'short',
      queries: [
        {
          expr: orZero(perSecond('azimuth_dns_socket_errors_total', ['call', 'error'])),
          legend: '{{call}} {{error}}',
        },
        { expr: perSecond('azimuth_dns_worker_restarts_total'), legend: 'threads started again' },
      ],
    }),
    graph({
      title: 'Processors',
      about: 'Processor time, of what the process may use.',
      unit: 'percentunit',
      queries: [{ expr: 'azimuth:processor:ratio_rate5m{job=~"$job", instance=~"$instance"}', legend: '{{instance}}' }],
      bounds: THRESHOLDS.cpu,
    }),
    graph({
      title: 'Memory',
      about: 'Resident memory, of what the process may use.',
      unit: 'percentunit',
      queries: [{ expr: 'azimuth:memory:ratio{job=~"$job", instance=~"$instance"}', legend: '{{instance}}' }],
      bounds: THRESHOLDS.memory,
    }),
    graph({
      title: 'Lag of the event loop',
      about: 'How late timers of the main thread are: it probes and decides; with the portable engine it answers, too.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'azimuth_event_loop_lag_seconds', ['instance']), legend: '{{instance}} median' },
        { expr: quantile(0.99, 'azimuth_event_loop_lag_seconds', ['instance']), legend: '{{instance}} 99 %' },
      ],
    }),
  ],
});
