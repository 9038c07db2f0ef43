/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Names of fields that hold secrets, wherever they stand in a line. */
const SECRET_FIELDS = [
  'authorization',
  'Authorization',
  'cookie',
  'Cookie',
  'headers',
  'kubeconfig',
  'password',
  'secret',
  'token',
] as const;

/** For pino, down to the third level; deeper down, and other spellings, `isSecretName` finds. */
export const REDACTED_PATHS: readonly string[] = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

const SECRET_NAME =
  /^(?:(?:proxy-?)?authorization|(?:set-?)?cookies?|headers?|kubeconfig|credentials?|api-?key|client-?key(?:-?data)?|private-?key|client-?certificate-?data|.*(?:password|passwd|secret|token))$/i;

/** Whether the value of a field with this name is never written. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Secrets as they look inside of texts, such as the message of an error that quotes what it was given. */
const LOOKS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // A JSON web token: three parts, of which the first begins with `{"`.
  /\beyJ[\w-]{8,512}\.[\w-]{8,}\.[\w-]*/g,
  /(?<=\b(?:bearer|basic) {1,8})[\w.~+/-]{8,}=*/gi,
  // User and password of a URL (RFC 3986 §3.2.1).
  /(?<=:\/\/)[^\s/@]+(?=@)/g,
  /(?<=\b(?:authorization|cookie)"?: {0,8})[^\r\n]+/gi,
  /(?<=\b(?:password|passwd|secret|token|api-?key|client-key-data)(?:=|": ?"))[^\s"&,;]+/gi,
] as const;

/** A text without what looks like a secret in it. */
export function withoutSecrets(text: string): string {
  return LOOKS.reduce((rest, look) => rest.replace(look, REDACTED), text);
}
