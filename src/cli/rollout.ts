import { ADMIN_OPTIONS, type AdminClient, adminClient } from './admin-client.ts';
import { bold, paintState } from './colour.ts';
import { type Command, EXIT, type Invocation, textOption, UsageError, wrongSubject } from './command.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { readSpec } from './spec-file.ts';
import { textTable } from './text-table.ts';

/** Orders as the admin API has them. */
const ORDERS = ['pause', 'resume', 'promote', 'rollback', 'switch', 'switch-back', 'end'];

/** `azimuth rollout`: takes clients from some clusters to others, at once or step by step. */
export const rolloutCommand: Command = {
  name: 'rollout',
  usage:
    'azimuth rollout list | start FILE | pause|resume|promote|rollback|switch|switch-back|end NAME [--force --reason TEXT] [--config FILE] [--json]',
  summary: 'take clients from some clusters to others, at once or step by step',
  words: ['list', 'start', ...ORDERS],
  fileAfter: ['start'],
  options: { ...ADMIN_OPTIONS, force: { type: 'boolean' }, reason: { type: 'string' } },
  run: rollout,
};

async function rollout(invocation: Invocation): Promise<number> {
  const [word = 'list', subject, more] = invocation.positionals;
  const isKnown = word === 'list' || word === 'start' || ORDERS.includes(word);
  if (!isKnown || more !== undefined || (word === 'list') !== (subject === undefined)) {
    throw wrongSubject(rolloutCommand, word);
  }
  // A file that cannot be used is told before anybody is asked.
  const spec =
    word === 'start' && subject !== undefined
      ? await readSpec(subject, { what: 'rollout', fields: 'name, from, to and kind' })
      : {};
  const body = { ...spec, ...forceOf(invocation) };
  const answer = await asked(await adminClient(invocation), word, subject ?? '', body);
  const asJson = invocation.options['json'] === true;
  const views = word === 'list' ? listOf(recordOf(answer).get('items')) : [answer];
  process.stdout.write(`${asJson ? JSON.stringify(answer, null, 2) : tableOf(word, views)}\n`);
  return EXIT.ok;
}

/** In spite of the rules of safety. */
function forceOf(invocation: Invocation): object {
  if (invocation.options['force'] !== true) return {};
  const reason = textOption(invocation, 'reason');
  if (reason === undefined) throw new UsageError('--force needs a --reason.');
  return { force: true, reason };
}

function asked(client: AdminClient, word: string, subject: string, body: object): Promise<unknown> {
  if (word === 'list') return client.get('/v1/rollouts');
  if (word === 'start') return client.post('/v1/rollouts', body);
  return client.post(`/v1/rollouts/${encodeURIComponent(subject)}/${word}`, body);
}

function tableOf(word: string, views: readonly unknown[]): string {
  if (views.length === 0) return 'There is no rollout.';
  if (word === 'end') return `Rollout ${textOf(recordOf(views[0]).get('name'))} has ended.`;
  const rows = views.map((view) => {
    const field = recordOf(view);
    const [steps, step] = [listOf(field.get('steps')).length, numberOf(field.get('step'))];
    const without = numberOf(field.get('withoutTo'));
    const notes = [textOf(field.get('trouble')), without > 0 ? `${without} without \`to\`` : ''];
    return [
      textOf(field.get('name')),
      textOf(field.get('kind')),
      paintState(textOf(field.get('state'))),
      `${numberOf(field.get('percent'))} %`,
      steps > 0 ? `${step}/${steps}` : '',
      textOf(field.get('nextAt')),
      [textOf(field.get('why')), ...notes].filter((note) => note !== '').join('; '),
    ];
  });
  return textTable([['NAME', 'KIND', 'STATE', 'TO', 'STEP', 'NEXT', 'WHY'].map((word) => bold(word)), ...rows]);
}
