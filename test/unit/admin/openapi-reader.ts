import { type Static, Type } from 'typebox';
import type { XSchema } from 'typebox/schema';
import * as Schema from 'typebox/schema';
import { Check } from 'typebox/value';
import type { Admin } from './admin-fixture.ts';

const ANSWER = Type.Object({
  schema: Type.Optional(Type.Unknown()),
  examples: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

const RESPONSE = Type.Object({
  $ref: Type.Optional(Type.String()),
  content: Type.Optional(Type.Record(Type.String(), ANSWER)),
});
const RESPONSES = Type.Record(Type.String(), RESPONSE);

const OPERATION = Type.Object({
  operationId: Type.String(),
  summary: Type.String(),
  tags: Type.Array(Type.String()),
  security: Type.Array(Type.Record(Type.String(), Type.Array(Type.String()))),
  parameters: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))),
  requestBody: Type.Optional(
    Type.Object({
      content: Type.Object({ 'application/json': Type.Object({ schema: Type.Unknown(), example: Type.Unknown() }) }),
    }),
  ),
  responses: RESPONSES,
});

const DOCUMENT = Type.Object({
  openapi: Type.String(),
  paths: Type.Record(Type.String(), Type.Record(Type.String(), OPERATION)),
  components: Type.Object({
    schemas: Type.Record(Type.String(), Type.Unknown()),
    examples: Type.Record(Type.String(), Type.Object({ value: Type.Unknown() })),
    responses: RESPONSES,
  }),
});

type Document = Static<typeof DOCUMENT>;

/** What tests look at of an operation of the document. */
export type Listed = Omit<Static<typeof OPERATION>, 'parameters' | 'requestBody' | 'security'> & {
  readonly method: string;
  readonly path: string;
  readonly scope: string;
  readonly parameters: readonly string[];
  /** The schema of the body. */
  readonly body: unknown;
  readonly example: unknown;
};

/** The document as a running server gives it, whole. */
export async function documentOf(admin: Admin): Promise<Document> {
  const document = (await admin.ask('/v1/openapi.json')).json();
  if (!Check(DOCUMENT, document)) throw new Error('this is no OpenAPI document of ours');
  return document;
}

/** Whether a value fits a schema of the document. */
export function fits(schema: unknown, value: unknown): boolean {
  if (!isSchema(schema)) throw new Error('there is no schema');
  return Schema.Check(schema, value);
}

function isSchema(value: unknown): value is XSchema {
  return typeof value === 'object' && value !== null;
}

/** Every operation of the document. */
export function operationsOf({ paths, components }: Document): readonly Listed[] {
  const told = (responses: Listed['responses']): Listed['responses'] =>
    Object.fromEntries(
      Object.entries(responses).map(([status, each]) => [status, referred(each, components.responses)]),
    );
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, parameters = [], requestBody, ...rest }]) => ({
      ...rest,
      responses: told(rest.responses),
      method: method.toUpperCase(),
      path,
      scope: security[0]?.['token']?.[0] ?? 'open',
      parameters: parameters.map(({ name }) => name),
      body: requestBody?.content['application/json'].schema,
      example: requestBody?.content['application/json'].example,
    })),
  );
}

function referred(response: Static<typeof RESPONSE>, responses: Static<typeof RESPONSES>): Static<typeof RESPONSE> {
  if (response.$ref === undefined) return response;
  const found = responses[response.$ref.replace('#/components/responses/', '')];
  if (found === undefined) throw new Error(`${response.$ref} leads nowhere`);
  return found;
}
