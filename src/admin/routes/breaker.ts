import { Type } from 'typebox';
import type { AdminApp, AdminOptions } from '../app.ts';
import { audited } from '../audit-trail.ts';
import { BREAKER_VIEW, viewBreaker } from '../views/breaker-view.ts';

const NOTHING = Type.Object({}, { additionalProperties: false });

/** `GET /v1/breaker`, and closing it: what is measured is believed from then on. Closing what is not open is done. */
export function addBreakerRoutes(app: AdminApp, options: AdminOptions): void {
  const { director, log, now } = options;
  const schema = { response: { 200: BREAKER_VIEW } };
  app.get('/v1/breaker', { schema }, async () => viewBreaker(director.breaker(), now()));

  const close = { body: NOTHING, response: { 200: BREAKER_VIEW } };
  const config = { access: 'operate', action: 'breaker.close' } as const;
  app.post('/v1/breaker/close', { config, schema: close }, async (request) => {
    const { state, withheld } = director.breaker();
    const result = director.closeBreaker();
    log('breaker-order', { by: request.caller?.name ?? '', withheld, result });
    const [before, after] = [{ state, withheld }, { state: director.breaker().state }];
    await audited(options, request, { target: 'breaker', before, after, outcome: 'done' });
    return viewBreaker(director.breaker(), now());
  });
}
