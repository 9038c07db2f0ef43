/** Most objects of one cluster that are kept; what is over it is left out and a finding. */
export const MAX_CLUSTER_OBJECTS = 200_000;
/** Objects asked for in one page of a list. */
export const MAX_PAGE_OBJECTS = 250;
/** Largest page of a list, or other document of an API server, in octets. */
export const MAX_DOCUMENT_OCTETS = 64 * 2 ** 20;
/** Largest event of a watch, in octets: etcd keeps no object over 1.5 MiB, JSON may double it. */
export const MAX_EVENT_OCTETS = 4 * 2 ** 20;
/** Most octets of an API server's refusal that are read. */
export const MAX_REFUSAL_OCTETS = 64 * 2 ** 10;
/** Largest kubeconfig file that is read, in octets. */
export const MAX_KUBECONFIG_OCTETS = 4 * 2 ** 20;
/** Largest kubeconfig in a Secret that is read, in octets. */
export const MAX_SECRET_KUBECONFIG_OCTETS = 256 * 2 ** 10;
/** Most clusters that come from labelled Secrets; those over it are left out and a finding. */
export const MAX_CLUSTER_SECRETS = 128;
/** Most annotations under our prefix on one Secret. */
export const MAX_SECRET_ANNOTATIONS = 64;
/** Connections to one API server beside those of its watches. */
export const MAX_SPARE_CONNECTIONS = 4;
/** How long connecting to an API server may take, in ms. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** How long an API server may take to begin an answer, and pause within a document, in ms. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** How long the credentials may take, in ms: they may come from a program. */
export const CREDENTIALS_TIMEOUT_MS = 30_000;
/** A watch that says nothing for so long is given up, in ms: API servers send a bookmark every minute. */
export const WATCH_IDLE_MS = 150_000;
/** How long an API server is asked to keep a watch at least, in s; up to twice as long, by chance. */
export const MIN_WATCH_S = 300;
/** A watch that ends sooner than this without a word has failed, in ms. */
export const SHORT_WATCH_MS = 1000;
/** First pause after a failure, in ms; it doubles each time. */
export const MIN_PAUSE_MS = 500;
/** Longest pause after a failure, in ms. */
export const MAX_PAUSE_MS = 15_000;
/** Longest pause until a kind that is missing or forbidden is looked for again, in ms. */
export const MAX_ABSENCE_PAUSE_MS = 30_000;
/** How long the list of kinds that an API server has is believed, in ms. */
export const DISCOVERY_AGE_MS = 5000;
/** How long changes are collected into one picture, in ms. */
export const COALESCE_MS = 50;
/** Shortest time from one picture of a cluster to the next, in ms. */
export const MIN_PICTURE_INTERVAL_MS = 150;
/** How long the first view of a cluster is waited for, in ms; then it comes later. */
export const FIRST_PICTURE_MS = 10_000;
/** Shortest time from one change of the clusters by Secrets to the next, in ms: each of them makes the whole model anew. */
export const MIN_CLUSTERS_INTERVAL_MS = 1000;
/** How long the first list of Secrets with clusters is waited for, in ms; then it comes later. */
export const FIRST_SECRETS_MS = 4000;
/** From one reading of a cluster's nodes to the next, in ms; up to half of it less, by chance. */
export const NODES_INTERVAL_MS = 600_000;
/** From one look at the release of a cluster's CRDs to the next, in ms; up to half of it less, by chance. */
export const BUNDLE_INTERVAL_MS = 600_000;
/** Longest that one such look may take, in ms. */
export const BUNDLE_TIMEOUT_MS = 3000;
/** Most regions of one cluster's nodes that are told apart. */
export const MAX_NODE_REGIONS = 64;
/** Failures to read the nodes after which the first picture no longer waits for them. */
export const MAX_UNSETTLED_FAILURES = 3;
/** Longest note of a Kubernetes Event, in octets: Kubernetes takes no longer one. */
export const MAX_EVENT_NOTE_OCTETS = 1024;
