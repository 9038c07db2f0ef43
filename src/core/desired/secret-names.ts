/** What the value of a name is: a secret, a list of them where it is no number (`tokens`), or nothing to hide. */
export type SecretKind = 'secret' | 'list' | 'none';

/** Ends of names, without what is between their words, in lower case: `X-Api-Key`, `api_key` and `apiKey` are `apikey`. */
const SECRET_END = new RegExp(
  `(?:${[
    'pass(?:word|wd|phrase|code)',
    'pwd',
    'secret',
    'token',
    'jwt',
    'authorization',
    'xauth',
    'cookie',
    'credential',
    'signature',
    'session(?:id)?',
    'sessid',
    '(?:api|access|secret|private|client|signing|encryption|shared|account|subscription|auth|master|storage|function)key',
  ].join('|')})s?$`,
);
/** What people count: `tokens=3`. */
const COUNTED = /(?:token|secret)s$/;
/** Ends that say in which form it is. */
const FORM_END = /(?:data|value|hash|base|text|string|plain|raw|old|new)$/;
/** Names that are so common that they only count among the parameters of a URL or a form. */
const PARAMETERS = new Set(['key', 'sig', 'hmac', 'auth', 'pass', 'pw', 'pin', 'otp', 'sid', 'ticket']);
/** Fields whose whole value is left out: what is in them has names of its own, some of which nobody knows. */
const WHOLE_FIELDS = /^(?:headers?|kubeconfig)$/i;
/** How much of a name is looked at, in characters: its end. */
const MAX_NAME = 100;

/** What is known by a name, wherever it stands: a field, a header, a parameter, a word before a colon. */
export function secretKind(name: string): SecretKind {
  const letters = name
    .slice(-MAX_NAME)
    .toLowerCase()
    .replace(/[^a-z]/g, '');
  if (!SECRET_END.test(letters) && !SECRET_END.test(letters.replace(FORM_END, ''))) return 'none';
  return COUNTED.test(letters) ? 'list' : 'secret';
}

/** The same of a parameter of a URL's query or fragment, or of a form. */
export function isSecretParameter(name: string): boolean {
  return PARAMETERS.has(name.toLowerCase()) || secretKind(name) !== 'none';
}

/** Whether the value of a field with this name is never written. How many there are of something is no secret. */
export function isSecretField(name: string, value: unknown): boolean {
  if (WHOLE_FIELDS.test(name)) return true;
  const kind = secretKind(name);
  return kind === 'secret' || (kind === 'list' && typeof value !== 'number');
}
