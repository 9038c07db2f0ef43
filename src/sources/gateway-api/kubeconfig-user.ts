import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Cluster } from '@kubernetes/client-node';
import { CORE_SCHEMA, load } from 'js-yaml';
import { asList, asText, at, field } from '../../core/desired/gateway-api/untrusted.ts';
import { messageOf } from '../../core/error-message.ts';
import { ApiError } from './api-error.ts';
import type { ExecProgram } from './exec-plugin.ts';

/** Most characters of a token; API servers take no longer header. */
const MAX_TOKEN_CHARACTERS = 65_536;

/**
 * The file that a user of a kubeconfig has its token in, which the library does not know (client-go: `AuthInfo.TokenFile`);
 * undefined where it has none. It is relative to the kubeconfig's folder.
 */
export function tokenFileOf(text: string, user: string, folder: string): string | undefined {
  // Reading it twice is for those only that need it.
  if (!text.includes('tokenFile')) return undefined;
  const users = asList(field(load(text, { schema: CORE_SCHEMA }), 'users'));
  const file =
    asText(
      at(
        users.find((one) => field(one, 'name') === user),
        'user',
        'tokenFile',
      ),
    ) ?? '';
  return file === '' ? undefined : resolve(folder, file);
}

/** The token in a file, which others write anew before it ends. Rejects where there is none. */
export async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const reason = messageOf(error);
    throw new ApiError('unreachable', `the token cannot be read: ${reason}`);
  });
  const token = text.trim();
  if (token === '') throw new ApiError('unreachable', 'the file of the token is empty');
  // Its words would be quoted where they cannot be sent.
  if (token.length > MAX_TOKEN_CHARACTERS || !/^[\x21-\x7e]+$/.test(token)) {
    throw new ApiError('unreachable', 'the file of the token holds something else');
  }
  return token;
}

/**
 * The program that issues a user's credentials, as client-go reads it: a command with a slash is relative to the
 * kubeconfig's folder, and `KUBERNETES_EXEC_INFO` says what is asked for. Undefined where there is none.
 */
export function execProgramOf(exec: unknown, cluster: Cluster, folder: string): ExecProgram | undefined {
  const command = asText(field(exec, 'command')) ?? '';
  if (command === '') return undefined;
  const about = field(exec, 'provideClusterInfo') === true ? { cluster: aboutOf(cluster) } : {};
  const spec = { interactive: false, ...about };
  const info = { apiVersion: field(exec, 'apiVersion'), kind: 'ExecCredential', spec };
  const named = asList(field(exec, 'env')).map((one) => [field(one, 'name'), field(one, 'value')].map(asText));
  return {
    command: command.includes('/') ? resolve(folder, command) : command,
    args: asList(field(exec, 'args')).map(String),
    env: {
      ...Object.fromEntries(named.flatMap(([name = '', value = '']) => (name === '' ? [] : [[name, value]]))),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    },
  };
}

/** The part of a cluster that needs no file (client.authentication.k8s.io, `Cluster`). */
function aboutOf({ server, tlsServerName, skipTLSVerify, caData, proxyUrl }: Cluster): object {
  return {
    server,
    'tls-server-name': tlsServerName,
    'insecure-skip-tls-verify': skipTLSVerify || undefined,
    'certificate-authority-data': caData,
    'proxy-url': proxyUrl,
  };
}
