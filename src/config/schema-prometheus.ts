import { Type } from 'typebox';
import { closed, duration, path } from './schema-keys.ts';
import { isServerUrl } from './server-url.ts';

/** Longest expression that a Prometheus server is asked for, in characters. */
const MAX_EXPRESSION = 2048;
/** Longest name of a user, in characters. */
const MAX_USER = 256;

/** A name of RFC 7617 §2: a colon would end it. */
const user = () =>
  Type.Refine(
    Type.String({
      expected: `a name of 1 to ${MAX_USER} characters without a colon`,
      help: 'Who logs in by name and password.',
    }),
    (value) => value.length > 0 && value.length <= MAX_USER && !/[:\p{Cc}]/u.test(value),
  );

const login = () =>
  Type.Object(
    {
      'token-file': Type.Optional(path({ help: 'File of a bearer token; read again when it changes.' })),
      user: Type.Optional(user()),
      'password-file': Type.Optional(path({ help: 'File of the password of `user`; read again when it changes.' })),
    },
    { ...closed, expected: 'a mapping like { token-file: prometheus-token }' },
  );

const certificate = () =>
  Type.Object(
    {
      file: path({ help: 'PEM file of the certificate that we show, with its chain; read again when it changes.' }),
      'key-file': path({ help: 'PEM file of its private key, without a passphrase.' }),
    },
    { ...closed, expected: 'a mapping like { file: client.pem, key-file: client.key }' },
  );

/** The keys of a question to a Prometheus server. */
export const prometheusServer = () => ({
  url: Type.Refine(
    Type.String({ expected: 'a URL like "http://192.0.2.5:9090"', help: 'The Prometheus server to ask.' }),
    isServerUrl,
  ),
  expr: Type.String({
    minLength: 1,
    maxLength: MAX_EXPRESSION,
    expected: `an expression of 1 to ${MAX_EXPRESSION} characters`,
    help: 'PromQL; its value is one number.',
  }),
  interval: duration('1s', '1h', { default: '15s', help: 'From one question to the next.' }),
  timeout: duration('100ms', '1m', { default: '5s', help: 'Longest time of one; at most the interval.' }),
  login: Type.Optional(login()),
  trust: Type.Optional(path({ help: 'PEM file of further trusted certificates; read again when it changes.' })),
  certificate: Type.Optional(certificate()),
});
