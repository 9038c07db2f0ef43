import { asText, field } from '../../core/desired/gateway-api/untrusted.ts';
import { givesAway } from '../../core/desired/gives-away.ts';
import { quote } from '../../core/desired/quote.ts';

/**
 * Why an API server gave no answer of use. `unreachable`: no answer, or a fault of the server: worth asking again.
 * `unauthorized`: our credentials are not taken. `forbidden`: they are, and do not suffice. `missing`: it has no such
 * kind. `expired`: the version that we asked to go on from is too old. `too-large`: over a limit of ours.
 */
export type ApiFailure = 'unreachable' | 'unauthorized' | 'forbidden' | 'missing' | 'expired' | 'too-large';

/** What was asked of an API server and failed; the message is fit for a person and safe to print. */
export class ApiError extends Error {
  readonly failure: ApiFailure;
  /** The HTTP status that the API server answered with, where it did. */
  readonly code: number | undefined;

  constructor(failure: ApiFailure, message: string, code?: number) {
    super(message);
    this.name = 'ApiError';
    this.failure = failure;
    this.code = code;
  }
}

const FAILURES: Readonly<Record<number, ApiFailure>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'missing',
  410: 'expired',
};

/** Fewest characters of a secret in a row that are kept from being shown. Who we are is said, and tokens may have that in them. */
const SHOWN_RUN = 16;

/**
 * The error of an HTTP status other than 200, with the words of the `Status` object that may come along; without them where they
 * repeat a part of what was sent in these headers, as a server or a proxy before it may: findings go far.
 */
export function refusal(code: number, status: unknown, headers: Readonly<Record<string, string>>): ApiError {
  const said = asText(field(status, 'message')) ?? '';
  const words = givesAway(said, secretsIn(headers), SHOWN_RUN)
    ? '(left out: it repeats a part of our credentials)'
    : quote(said);
  const message = `the API server says ${code}${said === '' ? '' : ` ${words}`}`;
  return new ApiError(FAILURES[code] ?? 'unreachable', message, code);
}

/** What stands behind the scheme of an authorization; of a pair its password as well (RFC 7617 §2). */
function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    // Whom we speak for is no secret.
    if (name.toLowerCase() !== 'authorization') return [];
    const secret = value.slice(value.indexOf(' ') + 1);
    if (!value.startsWith('Basic ')) return [secret];
    const pair = Buffer.from(secret, 'base64').toString();
    return [secret, pair.slice(pair.indexOf(':') + 1)];
  });
}

/** Any thrown value as an `ApiError`; what is none yet counts as `unreachable`. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? causeOf(error).message : String(error);
  return new ApiError('unreachable', plain(message));
}

/** The last of a chain of causes, or of several errors the first: there the system says what happened. */
function causeOf(error: Error): Error {
  let last = error;
  for (let depth = 0; depth < 8; depth++) {
    const next: unknown = last instanceof AggregateError ? last.errors[0] : last.cause;
    if (!(next instanceof Error)) return last;
    last = next;
  }
  return last;
}

/** Plain words stay as they are; others, such as what a program wrote on its error output, are quoted. */
function plain(message: string): string {
  return /^[\x20-\x7e]{1,200}$/.test(message) ? message : quote(message);
}
