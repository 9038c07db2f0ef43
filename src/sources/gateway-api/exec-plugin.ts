import { spawn } from 'node:child_process';
import { asText, at } from '../../core/desired/gateway-api/untrusted.ts';
import { quote } from '../../core/desired/quote.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { CREDENTIALS_TIMEOUT_MS } from './limits.ts';

/** A program that issues credentials (client.authentication.k8s.io), as a kubeconfig names it. */
export type ExecProgram = {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
};

/** What it issued: a token, or a client certificate with its key (PEM), or both. */
export type Issued = { readonly token?: string; readonly cert?: string; readonly key?: string };

/** The credentials of a program, asked for when they are needed. */
export type ExecPlugin = {
  /** Those that hold now. Rejects with `ApiError`, whose words show nothing of what the program issued. */
  issued(): Promise<Issued>;
  /** They were refused: the program is asked again. */
  distrust(): void;
};

/** The last call of a program. A failure ends at once. */
type Call = { readonly outcome: Issued | ApiError; readonly askedAt: number; readonly endsAt: number };

/** Most characters that a program which issues credentials may write. */
const MAX_ISSUED_CHARACTERS = 2 ** 20;
/** From one call of a program that fails, or whose credentials are refused, to the next, in ms: each watch of a cluster asks. */
const MIN_ISSUE_MS = 5000;

/**
 * Not by the library, which waits for ever for a program that hangs: after `timeoutMs` it is killed with all that it
 * started, and a later question starts it anew, but not within `MIN_ISSUE_MS` of the last start.
 */
export function createExecPlugin(program: ExecProgram, timeoutMs = CREDENTIALS_TIMEOUT_MS): ExecPlugin {
  let last: Call | undefined;
  let trust: 'trusted' | 'refused' = 'trusted';

  function holds({ askedAt, endsAt }: Call): boolean {
    return (trust === 'trusted' && Date.now() < endsAt) || performance.now() - askedAt < MIN_ISSUE_MS;
  }

  async function call(): Promise<Call> {
    const askedAt = performance.now();
    try {
      const status = at(credentialIn(await outputOf(program, timeoutMs)), 'status');
      const endsAt = Date.parse(asText(at(status, 'expirationTimestamp')) ?? '');
      return { outcome: issuedOf(status), askedAt, endsAt: Number.isNaN(endsAt) ? Number.POSITIVE_INFINITY : endsAt };
    } catch (error) {
      return { outcome: apiErrorOf(error), askedAt, endsAt: Number.NEGATIVE_INFINITY };
    }
  }

  return {
    async issued() {
      if (last === undefined || !holds(last)) {
        last = await call();
        trust = 'trusted';
      }
      if (last.outcome instanceof ApiError) throw last.outcome;
      return last.outcome;
    },
    distrust() {
      trust = 'refused';
    },
  };
}

/** Runs the program to its end, with nobody to type anything. */
function outputOf({ command, args, env }: ExecProgram, timeoutMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // It leads a group of its own: what it started is ended with it.
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  const fail = (words: string): void => {
    reject(new ApiError('unreachable', `the program that issues credentials ${words}`));
  };
  const end = (words: string): void => {
    fail(words);
    endGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const hear = (name: keyof typeof texts) => (chunk: string) => {
    texts[name] += chunk;
    if (texts[name].length > MAX_ISSUED_CHARACTERS) end('writes too much');
  };
  child.stdout.setEncoding('utf8').on('data', hear('out'));
  child.stderr.setEncoding('utf8').on('data', hear('err'));
  const timer = setTimeout(() => end(`took more than ${timeoutMs / 1000} s`), timeoutMs);
  child.on('error', (error) => fail(`cannot be started: ${'code' in error ? String(error.code) : error.message}`));
  child.on('close', (code, signal) => {
    clearTimeout(timer);
    const said = texts.err.trim();
    if (code === 0) resolve(texts.out);
    else fail(`failed (${code ?? signal})${said === '' ? '' : `: ${quote(said)}`}`);
  });
  return promise;
}

/** One that has ended is no error. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

function credentialIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('unreachable', 'the program that issues credentials does not write JSON');
  }
}

function issuedOf(status: unknown): Issued {
  const text = (name: string): string => asText(at(status, name)) ?? '';
  const [token, cert, key] = [text('token').trim(), text('clientCertificateData'), text('clientKeyData')];
  if ((token === '' && cert === '') || (cert === '') !== (key === '')) {
    const words = 'the program that issues credentials wrote neither a token nor a client certificate with its key';
    throw new ApiError('unreachable', words);
  }
  return { ...(token === '' ? {} : { token }), ...(cert === '' ? {} : { cert, key }) };
}
