import type { FastifyRequest } from 'fastify';

/**
 * Whether a request is one to change something. Routes that only work something out change nothing, whatever their method:
 * they are open to readers. Neither does a path that is no route.
 */
export function isChange({ method, routeOptions }: FastifyRequest): boolean {
  const { access = 'read' } = routeOptions.config;
  return method !== 'GET' && method !== 'HEAD' && access !== 'open' && access !== 'read';
}
