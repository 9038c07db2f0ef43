/** What a person is told where a director refuses, and what to do next. */
import { nearest } from '../core/desired/suggest.ts';
import { listOf, recordOf, textOf } from './json.ts';
import { VERSION } from './version.ts';

/** A request that was refused, with the body of the refusal. */
export type Refused = {
  readonly status: number;
  readonly problem: unknown;
  readonly path: string;
  /** What was sent, as JSON. */
  readonly body: string | undefined;
};

/** The director refuses; `code` is that of its problem document, or empty. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** The refusal in one line. `list` asks for a list of the director and never rejects. */
export async function refusalOf(refused: Refused, list: (path: string) => Promise<unknown>): Promise<RefusedError> {
  const { problem, status } = refused;
  const code = textOf(recordOf(problem).get('code'));
  const detail = textOf(recordOf(problem).get('detail')) || `The director answered with status ${status}.`;
  const parts = [detail, await meant(refused, code, list), code === '' ? '' : `(${code})`, adviceFor(status, code)];
  return new RefusedError(parts.filter((part) => part !== '').join(' '), code);
}

function adviceFor(status: number, code: string): string {
  if (status === 401) return 'Set AZIMUTH_ADMIN_TOKEN, or run this where the state directory can be read.';
  if (status !== 404 || (code !== 'not-found' && code !== '')) return '';
  return `It may be older than this CLI (${VERSION}), or no director: "azimuth status" tells its version.`;
}

/** What was probably meant by a name that the director does not know; empty where nothing is near. */
async function meant({ path, body }: Refused, code: string, list: (path: string) => Promise<unknown>): Promise<string> {
  if (code.endsWith('-nothing')) return meantByScope(body, list);
  const [, kind = '', name = ''] = /^\/v1\/(clusters|drills|overrides|rollouts)\/([^/?]+)/.exec(path) ?? [];
  if (!code.endsWith('-unknown') || name === '') return '';
  const hint = nearest(decodeURIComponent(name), await namesOf(kind, list));
  return hint === undefined ? '' : `Did you mean "${hint}"?`;
}

/** The first cluster of a scope that there is not. */
async function meantByScope(body: string | undefined, list: (path: string) => Promise<unknown>): Promise<string> {
  const scope = recordOf(recordOf(JSON.parse(body ?? 'null')).get('scope'));
  const plain = listOf(scope.get('clusters'))
    .map(textOf)
    .filter((pattern) => !pattern.includes('*'));
  if (plain.length === 0) return '';
  const known = await namesOf('clusters', list);
  const unknown = plain.find((name) => !known.includes(name));
  const hint = unknown === undefined ? undefined : nearest(unknown, known);
  return hint === undefined ? '' : `There is no cluster "${unknown}": did you mean "${hint}"?`;
}

async function namesOf(kind: string, list: (path: string) => Promise<unknown>): Promise<readonly string[]> {
  const items = listOf(recordOf(await list(`/v1/${kind}`)).get('items'));
  return items.map((item) => textOf(recordOf(item).get('name')));
}
