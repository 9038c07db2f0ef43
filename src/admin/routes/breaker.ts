import { Type } from 'typebox';
import type { AdminApp, AdminOptions } from '../app.ts';
import { BREAKER_VIEW, viewBreaker } from '../views/breaker-view.ts';

const NOTHING = Type.Object({}, { additionalProperties: false });

/** `GET /v1/breaker`, and closing it: what is measured is believed from then on. Closing what is not open is done. */
export function addBreakerRoutes(app: AdminApp, { director, log, now }: AdminOptions): void {
  const schema = { response: { 200: BREAKER_VIEW } };
  app.get('/v1/breaker', { schema }, async () => viewBreaker(director.breaker(), now()));

  const close = { body: NOTHING, response: { 200: BREAKER_VIEW } };
  app.post('/v1/breaker/close', { config: { access: 'operate' }, schema: close }, async (request) => {
    const { withheld } = director.breaker();
    const result = director.closeBreaker();
    log.info({ by: request.caller?.name ?? '', withheld, result }, 'breaker close');
    return viewBreaker(director.breaker(), now());
  });
}
