import { Type } from 'typebox';
import type { AdminApp, AdminOptions } from '../app.ts';

const PROBED = { access: 'open', pace: 'free' } as const;

const READINESS = Type.Object({
  state: Type.Union([Type.Literal('ready'), Type.Literal('waiting')]),
  items: Type.Array(Type.Object({ name: Type.String(), state: Type.String(), reason: Type.String() })),
});

/**
 * `/healthz`: 200 while the process can answer. `/readyz`: 200 or 503, and who is not ready and why. Both are open, and never
 * limited: what a kubelet asks must not fail for what others of its address do, and an answer costs no more than a refusal.
 */
export function addHealthRoutes(app: AdminApp, { readiness }: AdminOptions): void {
  app.get('/healthz', { config: PROBED }, async () => ({ state: 'alive' }));

  const schema = { response: { 200: READINESS, 503: READINESS } };
  app.get('/readyz', { config: PROBED, schema }, async (_request, reply) => {
    const items = readiness().map(({ name, state, reason }) => ({ name, state, reason }));
    const ready = items.every(({ state }) => state === 'ready');
    return reply.code(ready ? 200 : 503).send({ state: ready ? 'ready' : 'waiting', items });
  });
}
