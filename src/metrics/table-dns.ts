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
    help: 'DNS responses sent, by response code; the codes 0 to 5 (NOERROR to REFUSED) have a series from the start.',
  },
  azimuth_dns_zone_answers_total: {
    kind: 'counter',
    labels: ['zone', 'rcode'],
    unit: 'count',
    help: 'DNS answers by the apex of the zone that the name asked for is in, and by response code: NOERROR, NXDOMAIN, SERVFAIL, REFUSED or other.',
  },
  azimuth_dns_type_responses_total: {
    kind: 'counter',
    labels: ['type', 'rcode'],
    unit: 'count',
    help: 'DNS responses by the type asked for, and by response code as above; type other also stands for messages without a question that could be read.',
  },
  azimuth_dns_cluster_answers_total: {
    kind: 'counter',
    labels: ['cluster'],
    unit: 'count',
    help: 'Steered DNS answers by the first cluster in them.',
  },
  azimuth_dns_exceptional_answers_total: {
    kind: 'counter',
    labels: ['reason'],
    unit: 'count',
    help: 'Steered DNS answers that were not the ordinary case: last-resort (it gave the addresses), residency (nobody: fences keep the client from who could take it), nobody (for another reason).',
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
  azimuth_dns_receive_queue_drops_total: {
    kind: 'counter',
    labels: ['listener'],
    unit: 'count',
    help: 'Datagrams that the system dropped before we saw them, because the receive queue of the UDP sockets of a listener was full or a checksum was wrong; absent where the system does not tell (Linux does).',
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
