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

/** For pino, down to the third level; deeper down, and other spellings, `isSecretField` finds. */
export const REDACTED_PATHS: readonly string[] = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
