import { Type } from 'typebox';
import type { AdminApp } from './app.ts';
import { problem } from './problems.ts';

const NO_PARAMETERS = Type.Object({}, { additionalProperties: false });

/**
 * Has the routes that are added from now on refuse what they do not look at: all query parameters where they name none, and a
 * body where they have none. `?force=true` where the body should have it, or a body where the path says all, must not be passed
 * over. Routes that anybody may ask as often as he likes are for probes, which end processes: they take any parameter.
 */
export function closeRequests(app: AdminApp): void {
  app.addHook('onRoute', (route) => {
    const { schema = {}, config } = route;
    if (schema.querystring !== undefined || schema.hide === true || config?.pace === 'free') return;
    route.schema = { ...schema, querystring: NO_PARAMETERS };
  });
  app.addHook('preValidation', async ({ body, routeOptions: { schema }, is404 }) => {
    if (is404 || schema?.hide === true || schema?.body !== undefined || saysNothing(body)) return;
    throw problem('request-invalid', 'There is nothing to say in a body here.');
  });
}

/** An empty object is what generated clients send. */
function saysNothing(body: unknown): boolean {
  if (body === undefined || body === null) return true;
  return typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0;
}
