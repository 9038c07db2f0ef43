/** Largest manifest file that is read, in octets. */
export const MAX_MANIFEST_OCTETS = 4 * 2 ** 20;
/** Most manifest files of one cluster. */
export const MAX_MANIFEST_FILES = 10_000;
/** Most objects of one cluster. */
export const MAX_OBJECTS = 100_000;
/** Most times that one document may expand its YAML aliases. */
export const MAX_ALIASES = 100;
/** How long the files must be quiet before they are read again, in ms. */
export const DEBOUNCE_MS = 200;
