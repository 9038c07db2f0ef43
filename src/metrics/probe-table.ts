/**
 * The names and meanings of the Prometheus blackbox exporter (its `internal/metrics`), so that dashboards and rules
 * that were made for it read our probes as well. What would be 0 for every target, always, is not there, as the page has thousands
 * of them; the lookup of the name is, because boards show it.
 */
export const PROBE_METRICS = {
  probe_success: 'Whether the last probe was a success',
  probe_duration_seconds: 'How long the last probe took in seconds',
  probe_dns_lookup_time_seconds: 'Always 0: addresses are probed, no name is looked up',
  probe_ip_protocol: 'Whether the probed address is of IPv4 or IPv6',
  probe_http_status_code: 'Status code of the HTTP response; 0 where there was none',
  probe_http_version: 'Version of HTTP that the probe speaks',
  probe_http_ssl: 'Whether the probe uses TLS',
  probe_http_duration_seconds: 'Duration of the phases of the HTTP request in seconds',
  probe_ssl_earliest_cert_expiry: 'When the certificate of the server ends, in Unix time',
  probe_tls_version_info: 'Always 1; the label tells the version of TLS',
  probe_failed_due_to_regex: 'Whether the probe failed because a text was missing; absent where none is looked for',
} as const satisfies Readonly<Record<`probe_${string}`, string>>;

/** Name of a metric in that table. */
export type ProbeMetricName = keyof typeof PROBE_METRICS;
