import { ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { breakerText } from './breaker-text.ts';
import { type Command, EXIT, type Invocation } from './command.ts';
import { recordOf, textOf } from './json.ts';

/** `azimuth breaker [close]`: whether the prober is believed; `close` believes it from now on. */
export const breakerCommand: Command = {
  name: 'breaker',
  usage: 'azimuth breaker [close] [--config FILE] [--json]',
  summary: 'show whether the prober is believed, or believe it',
  words: ['close'],
  most: 1,
  options: ADMIN_OPTIONS,
  run: breaker,
};

async function breaker(invocation: Invocation): Promise<number> {
  const [order] = invocation.positionals;
  const client = await adminClient(invocation);
  const shown = order === 'close' ? await client.post('/v1/breaker/close', {}) : await client.get('/v1/breaker');
  const lines = breakerText(shown);
  const text = lines.length > 0 ? lines.join('\n') : 'The prober is believed.';
  process.stdout.write(`${invocation.options['json'] === true ? JSON.stringify(shown, null, 2) : text}\n`);
  return textOf(recordOf(shown).get('state')) === 'trusting' ? EXIT.ok : EXIT.failed;
}
