import { quote } from '../core/desired/quote.ts';
import type { AdminApp } from './app.ts';
import { doubleKey } from './double-key.ts';
import { problem } from './problems.ts';

/**
 * JSON is the only form of bodies, as it stands (RFC 9110 §15.5.16 for what was encoded), in UTF-8 (RFC 8259 §8.1). What
 * two readers could read as two things is refused: an order that nobody meant may be among them.
 */
export function addJsonBodies(app: AdminApp): void {
  app.addHook('onRequest', async ({ method, headers }) => {
    const encoding = headers['content-encoding'] ?? 'identity';
    if (method === 'GET' || method === 'HEAD' || encoding.toLowerCase() === 'identity') return;
    const taken = { 'accept-encoding': 'identity' };
    throw problem('media-type-unsupported', 'Send the body as it is, without a Content-Encoding.', taken);
  });

  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['text/plain', 'application/json']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, octets: Buffer, done) => {
    const text = textOf(octets);
    if (text === undefined) {
      done(problem('body-malformed', 'The body is not UTF-8.'));
      return;
    }
    void parse(request, text, (error, value: unknown) => {
      const twice = error === null ? doubleKey(text) : undefined;
      if (twice === undefined) done(error, value);
      else done(problem('body-malformed', `The key ${quote(twice)} stands twice in one object.`));
    });
  });
}

function textOf(octets: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return undefined;
  }
}
