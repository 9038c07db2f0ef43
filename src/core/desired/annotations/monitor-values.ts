/** Most paths of one `probe-paths` annotation: each is a monitor of its own for each hostname and address. */
export const MAX_PROBE_PATHS = 8;
/** Most names of one `monitors` annotation. */
export const MAX_MONITORS = 16;
/** Longest path of `probe-paths`, in characters. */
const MAX_PATH = 512;

/** What a named monitor may be called: what stands in URLs, labels and ids without quotes. */
const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether a text can be the name of a monitor: at most 63 lower-case letters, digits and hyphens. */
export function isMonitorName(text: string): boolean {
  return NAME.test(text);
}

/** Reads a list of names of monitors, each counted once, in order; `none` is an empty one. */
export function monitorNames(text: string): readonly string[] | undefined {
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  if (names.length > MAX_MONITORS || !names.every(isMonitorName)) return undefined;
  return [...new Set(names)].toSorted();
}

/** Reads a list of HTTP paths, each counted once, in order. */
export function probePaths(text: string): readonly string[] | undefined {
  const paths = text.split(',').map((path) => path.trim());
  // Printable ASCII without space, comma and fragment: what goes into a request line cannot break out of it.
  const isPath = (path: string): boolean => path.length <= MAX_PATH && /^\/[\x21\x22\x24-\x2b\x2d-\x7e]*$/.test(path);
  if (paths.length > MAX_PROBE_PATHS || !paths.every(isPath)) return undefined;
  return [...new Set(paths)].toSorted();
}
