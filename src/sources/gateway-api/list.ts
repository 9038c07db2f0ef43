import { asList, asText, at, field } from '../../core/desired/gateway-api/untrusted.ts';
import { ApiError } from './api-error.ts';
import type { ApiQuestion, Connection } from './connection.ts';
import { MAX_PAGE_OBJECTS } from './limits.ts';

/**
 * Reads all objects of a collection, page by page, all as of one moment; so that never more than a page of raw objects is
 * in memory. Resolves with the resource version from which a watch can go on.
 */
export async function listAll(
  connection: Connection,
  question: ApiQuestion,
  signal: AbortSignal,
  onObject: (value: unknown) => void,
): Promise<string> {
  let next: string | undefined;
  do {
    const query: Record<string, string> = { ...question.query, limit: String(MAX_PAGE_OBJECTS) };
    if (next !== undefined) query['continue'] = next;
    const page = await connection.read({ ...question, query }, signal);
    const version = asText(at(page, 'metadata', 'resourceVersion'));
    if (version === undefined || !Array.isArray(field(page, 'items'))) {
      throw new ApiError('unreachable', 'the answer of the API server is no list');
    }
    for (const value of asList(field(page, 'items'))) onObject(value);
    next = asText(at(page, 'metadata', 'continue'));
    if (next === undefined || next === '') return version;
  } while (!signal.aborted);
  throw new ApiError('unreachable', 'the list was given up');
}
