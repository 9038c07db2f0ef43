/** Where a finding points: a line of a file, or an object of a source that has no file. Lines count from 1. */
export type Origin = {
  /** The file as the user named it, or the source's own words (`cluster eu-west`). */
  readonly file: string;
  readonly line?: number;
  /** `Kind namespace/name` where the finding is about an object. */
  readonly object?: string;
};

/** `error`: something asked for is not served. `warning`: served, but not as written. `info`: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/**
 * Every finding Azimuth can make: its stable code, how bad it is and what it means. `docs/findings.md` is this table;
 * a test compares them.
 */
export const FINDINGS = {
  'manifest-unreadable': ['error', 'A manifest file cannot be read; the last good objects of the file stay.'],
  'manifest-syntax': ['error', 'A manifest is not valid YAML; the last good objects of the file stay.'],
  'manifest-empty': ['warning', 'A manifest file that had objects is empty; its last good objects stay.'],
  'manifest-incomplete': [
    'error',
    'A manifest holds an object without a kind: it may be cut short; the last good objects stay.',
  ],
  'manifest-too-large': ['error', 'A manifest file is over the size limit and was not read.'],
  'manifest-unwatched': ['warning', 'A manifest folder cannot be watched; it is read again at intervals.'],
  'cluster-unreachable': ['error', "A live cluster's API server gives no answer of use; nothing is known of it yet."],
  'cluster-kind-missing': ['warning', 'A live cluster does not have a kind of object that Azimuth reads.'],
  'cluster-kind-forbidden': ['error', 'Azimuth may not read a kind of object of a live cluster; what was known stays.'],
  'cluster-location-unknown': ['warning', "Where a live cluster is cannot be told from its nodes' region labels."],
  'cluster-regions-mixed': ['warning', 'The nodes of a live cluster are in several regions; that of most counts.'],
  'cluster-too-large': ['error', 'A live cluster has more objects than the limit allows; the rest is left out.'],
  'cluster-secret-invalid': [
    'error',
    'A labelled Secret cannot be used as a cluster; what was last read of it stays (`cluster-secrets`).',
  ],
  'object-invalid': ['error', 'An object lacks a field that Gateway API requires, or holds a wrong type.'],
  'object-duplicate': [
    'warning',
    'Two objects of one cluster have the same kind, namespace and name; the first counts.',
  ],
  'gateway-no-address': [
    'error',
    'A Gateway has no address: neither in status.addresses nor by the address annotation.',
  ],
  'gateway-address-ignored': ['warning', 'An address of a Gateway is not an IP address and was left out.'],
  'address-unresolved': [
    'warning',
    'The hostname that a Gateway gives for its address cannot be resolved; addresses that were known stay.',
  ],
  'address-own-zone': [
    'error',
    'The hostname that a Gateway gives for its address is in one of our own zones: it would be resolved by our own answer.',
  ],
  'condition-not-met': [
    'warning',
    'A controller says that an object is not in order, or what it leads to is not there (annotation `conditions`).',
  ],
  'condition-stale': ['info', 'A condition is about an older generation of the object; it does not count.'],
  'listener-conflict': [
    'warning',
    'Two listeners of a Gateway cannot be told apart: controllers serve neither of them.',
  ],
  'route-isolated': [
    'warning',
    'A hostname of a Route belongs to a more specific listener, which the Route is not attached to.',
  ],
  'route-no-parent': ['warning', 'A Route names a Gateway, or a section of it, that this cluster does not have.'],
  'route-no-match': ['warning', 'No hostname of the Route fits a listener that it attaches to.'],
  'route-not-allowed': ['warning', "The listener's allowedRoutes do not admit the Route."],
  'hostname-invalid': ['error', 'A hostname is not a valid DNS name.'],
  'hostname-outside-zones': ['warning', 'A hostname is under none of the configured zones and is not served.'],
  'hostname-static': ['error', 'A hostname already has static records in the zone that exclude addresses.'],
  'hostname-occluded': ['error', 'A hostname lies below a delegation of the zone and is not served.'],
  'hostname-foreign-team': [
    'error',
    "A hostname belongs to a team, and an object outside of the team's namespaces asks for it; it is not served for that object.",
  ],
  'hostname-open': [
    'warning',
    'A listener without a hostname has routes without hostnames: there is no name to serve.',
  ],
  'annotation-unknown': ['warning', 'An annotation under our prefix has a key that Azimuth does not know.'],
  'annotation-invalid': ['error', 'The value of an annotation does not parse; the next less specific value is used.'],
  'annotation-misplaced': ['warning', 'The annotation has no effect on an object of this kind.'],
  'annotation-shadowed': [
    'info',
    'A setting of a Gateway or ListenerSet is overridden by everything that is attached: it has no effect.',
  ],
  'annotation-unused': ['info', 'An object with annotations of ours serves no hostname: they have no effect.'],
  'annotation-translated': ['info', 'An annotation of another system is read as one of ours (`migration.read`).'],
  'annotation-untranslated': [
    'warning',
    'An annotation of another system cannot be said in our words: what it asked for does not happen.',
  ],
  'annotation-unneeded': ['info', 'An annotation of another system changes nothing here: it can go.'],
  'cluster-unknown': ['warning', 'An annotation names a cluster that the configuration does not have.'],
  'monitor-unknown': [
    'warning',
    'An annotation names a monitor that the configuration does not have; the others hold.',
  ],
  'policy-conflict': ['warning', 'Objects disagree on a setting of one hostname; the stated rule decided.'],
  'policy-without-effect': ['warning', 'Settings of a hostname contradict each other or cannot take effect together.'],
  'drift-hostname': [
    'warning',
    'A Route of the same name has a hostname in some clusters that others lack, and nothing else there asks for it.',
  ],
  'drift-listener': [
    'warning',
    'A listener of the same Gateway or ListenerSet is missing or different in some clusters.',
  ],
  'drift-tls': ['warning', 'A listener of the same Gateway or ListenerSet has other TLS settings in some clusters.'],
  'drift-setting': ['info', 'Most clusters of a hostname make a setting that the others lack.'],
  'drift-version': ['info', 'Clusters have different versions or channels of the Gateway API.'],
  'trust-unreadable': [
    'warning',
    'The file of trusted certificates cannot be read; HTTPS probes will fail against it.',
  ],
  'probe-headers-unreadable': [
    'error',
    'A file of request headers for probes (`prober.headers`) cannot be read; what it last held is sent. Where it never could be read, its hosts are not probed and keep their state.',
  ],
  'probe-header-refused': [
    'warning',
    'A line of a file of request headers for probes is not sent: it is no header, or one that is for the probe itself to say.',
  ],
  'probe-target-forbidden': [
    'error',
    'An address of a Gateway is one that is not probed (loopback, link-local, multicast, a metadata service) unless `prober.allow` has it: it stays `unseen`, which is used only where nobody is up.',
  ],
  'certificate-expires-soon': [
    'warning',
    'A certificate that probes saw ends within `prober.certificate-warning`, or has ended; one finding for each certificate.',
  ],
  'map-invalid': ['error', 'The file of a custom map cannot be used; its last good rules stay.'],
  'map-rule-idle': ['warning', 'Rules of a custom map are for clients that no location database can tell.'],
  'map-unknown': ['warning', 'An annotation names a custom map that the configuration does not have.'],
  'gauge-unreadable': [
    'warning',
    'A Prometheus server gives no number for a named monitor; after three questions in a row the monitor is unseen.',
  ],
  'gauge-file-unreadable': [
    'warning',
    'A file of a token, a password or certificates for a Prometheus server cannot be read; what it last held is used.',
  ],
  'capacity-without-load': ['info', 'A cluster has a capacity, and no monitor tells its load: it never sheds clients.'],
  'load-without-capacity': ['warning', 'A monitor tells the load of a cluster that has no capacity, or of none.'],
  'prober-blind': [
    'error',
    'Most of all fell at once, or the control targets fail: the prober is not believed, and nothing that it measures takes an endpoint out of the answers (docs/breaker.md).',
  ],
  'places-unreadable': ['warning', 'The location database cannot be read; the last good one stays.'],
  'override-idle': [
    'warning',
    'An override, or the drain of a cluster, is about nothing that there is now; it is kept until somebody clears it.',
  ],
  'overrides-unreadable': ['warning', 'Saved overrides cannot be read; they are set aside, and not in force.'],
  'drills-unreadable': ['warning', 'Saved drills cannot be read; they are kept in the journal, and not in force.'],
  'rollouts-unreadable': ['warning', 'Saved rollouts cannot be read; they are set aside, and not in force.'],
  'journal-torn': [
    'info',
    'The journal, or the audit, ended in the middle of a line, as it does when a process is killed while it writes; what was no whole line was cut off and set aside.',
  ],
  'journal-damaged': [
    'error',
    'Lines of the journal are not as they were written, or are missing; the others are in force, and a copy was set aside.',
  ],
  'journal-missing': [
    'error',
    'The journal is gone, or an older one is in its place: it does not have what the audit says was ordered.',
  ],
  'journal-taken-away': [
    'warning',
    'The journal was moved away, removed or replaced while the director runs; it is written anew of what is in force.',
  ],
  'audit-broken': [
    'error',
    'The audit is not as it was written: lines were changed, or its end is gone. What is left of it stays as it is, and `azimuth audit verify` says so for good.',
  ],
  'state-reserve-used': [
    'warning',
    'The disk of the state directory is full: orders and the audit are written into the room that was set aside for them; health and views are not saved.',
  ],
  'state-reserve-gone': [
    'error',
    'The disk of the state directory is full, and no room is set aside for orders and the audit: none can be taken when the rest of it is gone, too.',
  ],
  'journal-unreadable': [
    'error',
    'The journal cannot be read at all; it was set aside, and nothing of it is in force.',
  ],
  'journal-not-written': [
    'warning',
    'What is believed of monitors cannot be written to the journal: a restart would forget holds. It is tried again.',
  ],
  'health-unreadable': ['info', 'What was saved about some monitors cannot be read: they are measured anew.'],
  'state-in-use': [
    'error',
    'Another process has the state directory: answers do not suffer, and follow its orders; orders are refused here until it ends, and are taken then.',
  ],
  'state-unlocked': ['warning', 'The state directory cannot be locked: no other process is kept out of it.'],
  'picture-from-store': [
    'warning',
    'The source of a cluster gives no view of it; the last one that was saved is in use until it does.',
  ],
  'picture-store-damaged': ['warning', 'The saved view of a cluster cannot be read; a damaged file was set aside.'],
  'picture-store-outdated': ['info', 'The saved view of a cluster was written by another version and is not used.'],
  'picture-not-saved': [
    'warning',
    'The view of a cluster cannot be saved; a restart would not have it. It is tried again.',
  ],
  'listener-set-not-allowed': ['warning', "The Gateway's allowedListeners do not admit the ListenerSet."],
  'dns-worker-down': [
    'warning',
    'A worker thread of the native DNS engine does not run; the portable engine answers on its socket meanwhile.',
  ],
  'feedback-refused': ['warning', 'A live cluster does not take the status or the Events that Azimuth writes back.'],
  'feedback-contested': ['warning', 'Another writer keeps changing the status that Azimuth writes on objects.'],
  'admin-tls-unreadable': [
    'error',
    'The certificate of the admin API cannot be used as it is now; the one that was read before stays in use, and without one no director starts.',
  ],
  'admin-tokens-unreadable': [
    'error',
    'The token file of the admin API cannot be used as it is now; the tokens that were read before stay in force, and without any no director starts.',
  ],
  'admin-token-plain': [
    'warning',
    'The token file holds tokens themselves instead of their SHA-256: who can read it can use them.',
  ],
  'admin-plain-http': [
    'warning',
    'The admin API can be reached from elsewhere in plain HTTP: tokens can be read on the way.',
  ],
  'config-not-in-effect': ['warning', 'A configuration key is understood, but this version does not act on it yet.'],
  'zone-single-nameserver': ['info', 'A zone has one name server only; RFC 2182 asks for at least two.'],
} as const satisfies Record<string, readonly [Severity, string]>;

/** The stable code of a finding. */
export type FindingCode = keyof typeof FINDINGS;

/** Something about the input that a person should know. It never stops the process. */
export type Finding = {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly message: string;
  readonly origin: Origin;
  /** What to do about it, where that is known. */
  readonly suggestion?: string;
};

/** Makes a finding with the severity of its code. */
export function finding(code: FindingCode, origin: Origin, message: string, suggestion?: string): Finding {
  const severity = FINDINGS[code][0];
  return Object.freeze({ code, severity, message, origin, ...(suggestion === undefined ? {} : { suggestion }) });
}
