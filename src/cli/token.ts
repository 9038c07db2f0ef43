import { createHash, randomBytes } from 'node:crypto';
import { type Command, EXIT, type Invocation, textOption, textOptions, UsageError } from './command.ts';

/** Octets of chance in a token: 256 bits. */
const TOKEN_OCTETS = 32;

const SCOPES = ['read', 'operate', 'push'];

/** `azimuth token new`: makes a token, and the line of the token file that lets it in. Neither is kept anywhere. */
export const tokenCommand: Command = {
  name: 'token',
  usage: 'azimuth token new NAME [--scope read|operate|push] [--monitor NAME]… [--json]',
  summary: 'make a token for the admin API, and the line for its file',
  words: ['new'],
  choices: { scope: SCOPES },
  options: {
    scope: { type: 'string' },
    monitor: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  },
  run: token,
};

async function token(invocation: Invocation): Promise<number> {
  const [word, name, more] = invocation.positionals;
  if (word !== 'new' || name === undefined || more !== undefined) {
    throw new UsageError(`token knows nothing but "new NAME".\nUsage: ${tokenCommand.usage}`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/.test(name)) {
    throw new UsageError(`"${name}" is no name of a token: 1 to 63 letters, digits or . _ @ -`);
  }
  const scope = textOption(invocation, 'scope') ?? 'read';
  if (!SCOPES.includes(scope)) throw new UsageError(`--scope is one of ${SCOPES.join(', ')}, not "${scope}".`);
  const monitors = textOptions(invocation, 'monitor');
  if (monitors.length > 0 && scope !== 'push') throw new UsageError('--monitor goes with --scope push.');
  if (!monitors.every((each) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(each))) {
    throw new UsageError('--monitor needs the name of a monitor.');
  }
  const made = randomBytes(TOKEN_OCTETS).toString('base64url');
  const sha256 = createHash('sha256').update(made).digest('hex');
  const bound = monitors.length === 0 ? {} : { monitors };
  if (invocation.options['json'] === true) {
    process.stdout.write(`${JSON.stringify({ token: made, entry: { name, scope, ...bound, sha256 } }, null, 2)}\n`);
    return EXIT.ok;
  }
  const list = monitors.length === 0 ? '' : `monitors: [${monitors.join(', ')}], `;
  // Apart, so that the one can go to a secret and the other to the file.
  process.stdout.write(`${made}\n`);
  process.stderr.write(`This is shown once. The line for the file of admin.tokens.file:\n`);
  process.stderr.write(`- { name: ${name}, scope: ${scope}, ${list}sha256: ${sha256} }\n`);
  return EXIT.ok;
}
