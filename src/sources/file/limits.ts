/** Largest manifest file that is read, in octets. */
export const MAX_MANIFEST_OCTETS = 4 * 2 ** 20;
/** Most octets of all manifest files of one cluster. */
export const MAX_CLUSTER_OCTETS = 256 * 2 ** 20;
/** Most manifest files of one cluster. */
export const MAX_MANIFEST_FILES = 10_000;
/** Most files and folders of any kind that are looked at for one cluster. */
export const MAX_ENTRIES = 100_000;
/** Deepest folder below a cluster's folder. */
export const MAX_FOLDER_DEPTH = 16;
/** Most objects of one cluster. */
export const MAX_OBJECTS = 100_000;
/** Most times that one document may expand its YAML aliases. */
export const MAX_ALIASES = 100;
/** Larger files are parsed on a thread of their own, in characters: a file of 4 MiB takes seconds. */
export const MAX_INLINE_CHARACTERS = 16 * 2 ** 10;
/** How long the parsing of one file may take, in ms. */
export const PARSE_TIMEOUT_MS = 30_000;
/** Largest heap of the parsing thread, in MiB. */
export const PARSE_HEAP_MIB = 1024;
/** How long the files must be quiet before they are read again, in ms. */
export const DEBOUNCE_MS = 200;
/** How long files that are never quiet are waited for, in ms. */
export const MAX_DEBOUNCE_MS = 2000;
/** How often a folder is read even without an event, in ms: network file systems and full watch tables send none. */
export const RECHECK_MS = 60_000;
