import { createServer, type RequestListener, type Server } from 'node:http';
import fastify from 'fastify';
import type { ListenAddress } from '../core/ports.ts';
import { createDoor } from './allow-list.ts';
import type { AdminApp, AdminOptions } from './app.ts';
import { addIdempotency } from './changes/idempotency.ts';
import { addObjects } from './changes/objects.ts';
import { answerClientError } from './client-error.ts';
import { closeRequests } from './closed-requests.ts';
import { addGate } from './gate.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { addJsonBodies } from './json-body.ts';
import {
  BODY_LIMIT,
  CLOSE_GRACE_MS,
  HANDLER_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_HEADERS,
  MAX_PATH_NAME,
  SOCKET_TIMEOUT_MS,
} from './limits.ts';
import { watchRoutes } from './methods.ts';
import { addMonitorResultRoutes } from './monitor-result.ts';
import { addDocument, addDocumentRoute } from './openapi/document.ts';
import { createPlanTurns } from './plan-turns.ts';
import { problem, sendProblem, toProblem } from './problems.ts';
import { createRefusalAudit, type RefusalAudit } from './refusal-audit.ts';
import { requestProblem } from './request-words.ts';
import { addAuditRoutes } from './routes/audit.ts';
import { addBreakerRoutes } from './routes/breaker.ts';
import { addClusterRoutes } from './routes/clusters.ts';
import { addDrillRoutes } from './routes/drills.ts';
import { addEventRoutes } from './routes/events.ts';
import { addExplainRoutes } from './routes/explain.ts';
import { addFindingRoutes } from './routes/findings.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addHostnameRoutes } from './routes/hostnames.ts';
import { addMetricsRoutes } from './routes/metrics.ts';
import { addMonitorRoutes } from './routes/monitors.ts';
import { addOverrideRoutes } from './routes/overrides.ts';
import { addPlanRoutes } from './routes/plan.ts';
import { addRolloutRoutes } from './routes/rollouts.ts';
import { addStatusRoutes } from './routes/status.ts';
import { addTeamRoutes } from './routes/teams.ts';
import { createTlsServer, type TlsServer } from './tls/tls-server.ts';

/** The admin server. `listen` rejects with the system's error; `close` is idempotent and settles within 2 s. */
export type AdminServer = { listen(): Promise<ListenAddress>; close(): Promise<void> };

/** Makes the admin API's server: HTTP/1.1, over TLS or in plain, JSON, tokens. */
export function createAdminServer(options: AdminOptions): AdminServer {
  const { app, tls } = newApp(options);
  const refusals = createRefusalAudit(options);
  let closing: Promise<void> | undefined;
  const close = async () => {
    tls?.close();
    // What hangs longer than the grace is cut off: a slow reader must not hold up the process.
    const cut = setTimeout(() => {
      app.server.closeAllConnections();
      tls?.cut();
    }, CLOSE_GRACE_MS);
    await app.close();
    clearTimeout(cut);
    refusals.close();
  };
  return {
    async listen() {
      await tls?.load();
      answerErrors(app, options, refusals);
      refuseWhileClosing(app, () => closing !== undefined);
      addGate(app, options);
      addJsonBodies(app);
      addIdempotency(app, options.steady);
      await addDocument(app);
      addObjects(app);
      addRoutes(app, options);
      await app.listen({ host: options.listen.host, port: options.listen.port });
      const bound = app.server.address();
      // A string is a path or a pipe, which we never listen on.
      return bound === null || typeof bound === 'string' ? options.listen : { host: bound.address, port: bound.port };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function newApp(options: AdminOptions): { readonly app: AdminApp; readonly tls: TlsServer | undefined } {
  const { tls: files, allow = [], log, now, onFindings = () => {} } = options;
  let tls: TlsServer | undefined;
  const serverFactory = (handler: RequestListener): Server => {
    tls = files && createTlsServer(files, handler, { log, onFindings });
    return tls?.server ?? createPlainServer(handler);
  };
  const app: AdminApp = fastify({
    bodyLimit: BODY_LIMIT,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PATH_NAME },
    // Our own answer below is a problem document; fastify's is not.
    return503OnClosing: false,
    serverFactory,
    // Nothing is coerced, completed or left out: what the caller wrote is what is judged.
    // `verbose`: the words for what is wrong come from the schema.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, verbose: true } },
    schemaErrorFormatter: requestProblem,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, toProblem(error)),
    clientErrorHandler: answerClientError,
  });
  // What is said is said whole. Made by the schemas of the answers, a field that they forgot would be left out silently;
  // they are for the OpenAPI document, and a test holds every answer against them.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.server.maxConnections = MAX_CONNECTIONS;
  app.server.maxHeadersCount = MAX_HEADERS;
  if (allow.length > 0) app.server.on('connection', createDoor(allow, log, now));
  return { app, tls };
}

function createPlainServer(handler: RequestListener): Server {
  return createServer(HTTP_LIMITS, handler).setTimeout(SOCKET_TIMEOUT_MS);
}

/** The one place where requests are refused, whoever refuses them. */
function answerErrors(app: AdminApp, { log }: AdminOptions, refusals: RefusalAudit): void {
  app.decorateRequest('audit', 'nothing-yet');
  app.setErrorHandler((error, request, reply) => {
    const answer = toProblem(error);
    if (answer.problem === 'internal') {
      log('admin-failed', { error, method: request.method, route: request.routeOptions.url });
    }
    refusals.note(request, answer.problem);
    return sendProblem(reply, answer);
  });
  app.setNotFoundHandler(() => {
    throw problem('not-found', 'There is no such route. GET /v1 lists them.');
  });
}

function refuseWhileClosing(app: AdminApp, isClosing: () => boolean): void {
  app.addHook('onRequest', async () => {
    if (isClosing()) throw problem('stopping', 'The server is stopping.', { connection: 'close' });
  });
}

function addRoutes(app: AdminApp, options: AdminOptions): void {
  const routes = watchRoutes(app);
  const listed: ReturnType<typeof routes.list> = [];
  const planTurns = createPlanTurns(options);
  app.addHook('preClose', async () => planTurns.close());
  closeRequests(app);
  addHealthRoutes(app, options);
  addMetricsRoutes(app, options);
  addStatusRoutes(app, options, () => listed);
  addHostnameRoutes(app, options);
  addClusterRoutes(app, options);
  addFindingRoutes(app, options);
  addTeamRoutes(app, options);
  addExplainRoutes(app, options);
  addEventRoutes(app, options);
  addDocumentRoute(app);
  addBreakerRoutes(app, options);
  addMonitorRoutes(app, options);
  addMonitorResultRoutes(app, options);
  addPlanRoutes(app, options, planTurns);
  addRolloutRoutes(app, options);
  addDrillRoutes(app, options, planTurns);
  addOverrideRoutes(app, options);
  addAuditRoutes(app, options);
  listed.push(...routes.list());
  routes.refuseTheRest();
}
