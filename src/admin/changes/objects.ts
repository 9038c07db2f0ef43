import type { FastifyReply, FastifyRequest, RouteHandlerMethod, RouteOptions } from 'fastify';
import type { AdminApp } from '../app.ts';
import { problem } from '../problems.ts';
import { checkPreconditions, entityTag, isUnchanged } from './entity-tag.ts';
import { createTurns } from './turns.ts';

/** Something that people change, whatever path it is changed by. */
export type ChangedObject = {
  /** Equal for the same object. */
  readonly key: string;
  /** What was ordered and how far it is; undefined where there is none. Its entity tag is made of it. */
  state(): object | undefined;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route shows or changes: it has an ETag, heeds `If-Match` and `If-None-Match`, and is changed by one at a time. */
    object?: (request: FastifyRequest) => ChangedObject;
  }
}

/** Gives the routes that are added from now on, and have an object, entity tags and preconditions. */
export function addObjects(app: AdminApp): void {
  const turns = createTurns();
  app.addHook('onRoute', (route: RouteOptions) => {
    const objectOf = route.config?.object;
    if (objectOf === undefined) return;
    const { handler } = route;
    const isRead = [route.method].flat().every((method) => method === 'GET' || method === 'HEAD');
    route.handler = isRead
      ? readObject(handler, objectOf)
      : async function change(request, reply) {
          const object = objectOf(request);
          return turns.take(object.key, async () => {
            refuseLate(reply);
            checkPreconditions(request.headers, tagOf(object));
            const answer: unknown = await handler.call(this, request, reply);
            const tag = tagOf(object);
            if (tag !== undefined) reply.header('etag', tag);
            return answer;
          });
        };
  });
}

function readObject(
  handler: RouteHandlerMethod,
  objectOf: (request: FastifyRequest) => ChangedObject,
): RouteHandlerMethod {
  return async function read(request, reply) {
    const tag = tagOf(objectOf(request));
    const answer: unknown = await handler.call(this, request, reply);
    if (tag === undefined) return answer;
    reply.header('etag', tag);
    if (!isUnchanged(request.headers['if-none-match'], tag)) return answer;
    return reply.code(304).send();
  };
}

function tagOf(object: ChangedObject): string | undefined {
  const state = object.state();
  return state === undefined ? undefined : entityTag(state);
}

/** Throws where whoever waited too long for his turn was told so, or is gone: nobody expects that it is done now. */
export function refuseLate(reply: FastifyReply): void {
  if (reply.sent || reply.raw.destroyed) throw problem('timed-out', 'The answer was not ready in time.');
}

/** The `:name` of the path. */
export function pathName({ params }: FastifyRequest): string {
  return nameOf(params);
}

/** The `name` in the body. */
export function bodyName({ body }: FastifyRequest): string {
  return nameOf(body);
}

function nameOf(value: unknown): string {
  const isNamed = typeof value === 'object' && value !== null && 'name' in value;
  return isNamed && typeof value.name === 'string' ? value.name : '';
}
