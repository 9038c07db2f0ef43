import type { MetricTable } from './metric-spec.ts';

/** What the DNS servers do. */
export const DNS_METRICS = {
  azimuth_dns_queries_total: {
    kind: 'counter',
    labels: ['transport', 'type'],
    unit: 'count',
    help: 'DNS queries with one question, by the type asked for.',
  },
  azimuth_dns_responses_total: {
    kind: 'counter',
    labels: ['transport', 'rcode'],
    unit: 'count',
    help: 'DNS responses sent, by response code.',
  },
  azimuth_dns_zone_answers_total: {
    kind: 'counter',
    labels: ['zone'],
    unit: 'count',
    help: 'DNS answers by the apex of their zone.',
  },
  azimuth_dns_cluster_answers_total: {
    kind: 'counter',
    labels: ['cluster'],
    unit: 'count',
    help: 'Steered DNS answers by the first cluster in them.',
  },
  azimuth_dns_truncated_total: {
    kind: 'counter',
    labels: [],
    unit: 'count',
    help: 'DNS responses with TC set: the client comes again over TCP.',
  },
  azimuth_dns_dropped_total: {
    kind: 'counter',
    labels: ['reason'],
    unit: 'count',
    help: 'Datagrams and connections that got no answer.',
  },
  azimuth_dns_tcp_connections: {
    kind: 'gauge',
    labels: [],
    unit: 'count',
    help: 'DNS connections over TCP that are open now.',
  },
  azimuth_dns_tcp_accepted_total: {
    kind: 'counter',
    labels: [],
    unit: 'count',
    help: 'DNS connections over TCP that were accepted.',
  },
  azimuth_dns_tcp_closed_total: {
    kind: 'counter',
    labels: ['reason'],
    unit: 'count',
    help: 'DNS connections over TCP that ended, by who or what ended them.',
  },
  azimuth_dns_workers: {
    kind: 'gauge',
    labels: ['state'],
    unit: 'count',
    help: 'Threads of the native DNS engine by state; while one is restarting or failed the portable engine stands in.',
  },
  azimuth_dns_worker_restarts_total: {
    kind: 'counter',
    labels: [],
    unit: 'count',
    help: 'Threads of the native DNS engine started in the place of one that died.',
  },
  azimuth_dns_socket_errors_total: {
    kind: 'counter',
    labels: ['call', 'error'],
    unit: 'count',
    help: 'System calls of the native DNS engine that failed out of the ordinary, by the name of the errno.',
  },
  azimuth_dns_self_check_duration_seconds: {
    kind: 'histogram',
    labels: ['listener'],
    unit: 'seconds',
    help: 'How long a DNS listener took to answer a question of our own over UDP, from socket to socket.',
  },
  azimuth_dns_self_checks_total: {
    kind: 'counter',
    labels: ['listener', 'result'],
    unit: 'count',
    help: 'Questions of our own to a DNS listener, by whether the answer was right and in time: ok or failed.',
  },
} as const satisfies MetricTable;
