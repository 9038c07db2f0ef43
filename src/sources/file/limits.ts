/** Largest manifest file that is read, in octets: 100,000 Routes as `kubectl get -o json` prints them are 320 MB. */
export const MAX_MANIFEST_OCTETS = 512 * 2 ** 20;
/** Most octets of all manifest files of one cluster. */
export const MAX_CLUSTER_OCTETS = 1024 * 2 ** 20;
/** Most manifest files of one cluster. */
export const MAX_MANIFEST_FILES = 10_000;
/** Most files and folders of any kind that are looked at for one cluster. */
export const MAX_ENTRIES = 100_000;
/** Deepest folder below a cluster's folder. */
export const MAX_FOLDER_DEPTH = 16;
/** Most objects of one cluster, those of kinds that are passed over, too: 100,000 Routes and as much again. */
export const MAX_OBJECTS = 250_000;
/** Most times that one document may expand its YAML aliases. */
export const MAX_ALIASES = 100;
/** Largest object in a manifest, in characters: the API server takes 1.5 MiB (etcd). */
export const MAX_OBJECT_CHARACTERS = 4 * 2 ** 20;
/**
 * Larger files are machine-written, in octets: only what is used of them is parsed; each object stands alone (no YAML
 * alias to another's anchor); JSON keys may come twice; and an object of which only the line changed keeps its old line.
 */
export const MAX_EXACT_OCTETS = 4 * 2 ** 20;
/** Largest JSON file in octets that is not laid out as kubectl does: it is parsed in one piece. Also the longest line. */
export const MAX_WHOLE_OCTETS = 64 * 2 ** 20;
/** How much of a file is read at once, in octets: texts of this size are cheap to collect (V8 takes larger ones apart). */
export const PART_OCTETS = 128 * 2 ** 10;
/** Larger files are read on a thread of their own, in octets. */
export const MAX_INLINE_OCTETS = 16 * 2 ** 10;
/** Files of a folder with more of them are all read on threads. */
export const MAX_INLINE_FILES = 32;
/** Objects that a thread hands over at once. */
export const BATCH_OBJECTS = 2000;
/** Most threads that read manifests. */
export const MAX_THREADS = 4;
/** How long the reading of one file may take, in ms. */
export const PARSE_TIMEOUT_MS = 30_000;
/** How much longer the reading of one file may take for each MiB of it, in ms. */
export const PARSE_TIMEOUT_MIB_MS = 1000;
/** Largest heap of a reading thread, in MiB. */
export const PARSE_HEAP_MIB = 1024;
/** Largest young generation of a reading thread, in MiB: more costs memory and saves no time. */
export const PARSE_YOUNG_MIB = 16;
/** How long threads wait for more to read before they are ended, in ms: their memory goes back. */
export const IDLE_THREAD_MS = 2000;
/** How long the files must be quiet before they are read again, in ms. */
export const DEBOUNCE_MS = 200;
/** How long files that are never quiet are waited for, in ms. */
export const MAX_DEBOUNCE_MS = 2000;
/** How often a folder is read even without an event, in ms: network file systems and full watch tables send none. */
export const RECHECK_MS = 60_000;
