import type { AdminApp } from './app.ts';
import { problem } from './problems.ts';
import type { RouteName } from './routes/status.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/** Watches which routes are added from now on: a list of them, and 405 for every other method on the same paths. */
export function watchRoutes(app: AdminApp) {
  const methodsOf = new Map<string, Set<string>>();
  const access = new Map<string, 'open' | 'closed'>();
  app.addHook('onRoute', ({ url, method, config }) => {
    const methods = methodsOf.get(url) ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    methodsOf.set(url, methods);
    access.set(url, config?.access === 'open' ? 'open' : 'closed');
  });
  return {
    list(): RouteName[] {
      return [...methodsOf].flatMap(([path, methods]) =>
        [...methods].filter((method) => method !== 'HEAD').map((method) => ({ method, path })),
      );
    },
    /** Call when all routes are there. */
    refuseTheRest(): void {
      const known = [...methodsOf].map(([url, methods]) => [url, [...methods].toSorted()] as const);
      for (const [url, allowed] of known) {
        const handler = async () => {
          const allow = allowed.join(', ');
          throw problem('method-not-allowed', `Allowed here: ${allow}.`, { allow });
        };
        const method = METHODS.filter((each) => !allowed.includes(each));
        app.route({
          method,
          url,
          handler,
          schema: { hide: true },
          config: access.get(url) === 'open' ? { access: 'open' } : {},
        });
      }
    },
  };
}
