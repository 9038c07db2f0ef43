import type { AdminApp, AdminOptions } from '../app.ts';

/** `/metrics`, for Prometheus: needs a token like all that tells of the inside. */
export function addMetricsRoutes(app: AdminApp, { metrics }: AdminOptions): void {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics();
    return reply.header('content-type', contentType).send(body);
  });

  app.get('/metrics/probes', async (_request, reply) => {
    const { contentType, body } = await metrics('probes');
    return reply.header('content-type', contentType).send(body);
  });
}
