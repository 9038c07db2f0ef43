import type { GaugeAccess } from '../core/desired/model.ts';
import type { CredentialFiles } from './credential-files.ts';

/** What a request has to say who we are, and what of it nobody may see. */
export type Login = { readonly headers: Readonly<Record<string, string>>; readonly secrets: readonly string[] };

/** Everybody may ask. */
export const NO_LOGIN: Login = Object.freeze({ headers: Object.freeze({}), secrets: Object.freeze([]) });

/** The login as its file has it now; undefined where the file was never read. Never rejects. */
export async function loginOf({ login }: GaugeAccess, files: CredentialFiles): Promise<Login | undefined> {
  if (login === undefined) return NO_LOGIN;
  if (login.kind === 'bearer') {
    const token = await files.of('token', login.tokenFile).value();
    return token === undefined ? undefined : { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
  }
  const password = await files.of('password', login.passwordFile).value();
  if (password === undefined) return undefined;
  // RFC 7617 §2.1: UTF-8, which is also what servers expect that say nothing.
  const pair = Buffer.from(`${login.user}:${password}`, 'utf8').toString('base64');
  return { headers: { authorization: `Basic ${pair}` }, secrets: [password, pair] };
}
