import { RR_TYPE } from '../core/snapshot/rr-type.ts';
import type { ExceptionalReason } from '../core/steering/decision.ts';
import { ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { ageText } from './age-text.ts';
import { bold, dim, paintState } from './colour.ts';
import { type Command, EXIT, type Invocation, textOption, UsageError } from './command.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { type Row, textTable } from './text-table.ts';

/** `azimuth explain`: for one client, every candidate, every filter, the answer; by the lookup that the DNS uses. */
export const explainCommand: Command = {
  name: 'explain',
  usage: 'azimuth explain NAME [--from IP] [--type A] [--config FILE] [--json]',
  summary: 'show why one client gets one answer',
  most: 1,
  choices: { type: Object.keys(RR_TYPE) },
  options: { ...ADMIN_OPTIONS, from: { type: 'string' }, type: { type: 'string' } },
  run: explainAnswer,
};

async function explainAnswer(invocation: Invocation): Promise<number> {
  const [name] = invocation.positionals;
  if (name === undefined) throw new UsageError(`explain needs a NAME.\nUsage: ${explainCommand.usage}`);
  const query = new URLSearchParams({ name });
  for (const key of ['from', 'type']) {
    const value = textOption(invocation, key);
    if (value !== undefined) query.set(key, value);
  }
  const client = await adminClient(invocation);
  const explanation = await client.get(`/v1/explain?${query.toString()}`);
  const asJson = invocation.options['json'] === true;
  process.stdout.write(asJson ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation, query));
  return textOf(recordOf(explanation).get('outcome')) === 'answer' ? EXIT.ok : EXIT.failed;
}

function explanationText(explanation: unknown, query: URLSearchParams): string {
  const of = recordOf(explanation);
  const candidates = listOf(of.get('candidates'));
  return [
    `${bold(textOf(of.get('name')))} ${textOf(of.get('type'))} for ${query.get('from') ?? 'a client anywhere'}, ${placeText(of.get('place'))}`,
    matchText(of),
    ...(candidates.length === 0 ? [] : ['', candidateTable(candidates)]),
    '',
    ...candidates.map(stepsText),
    ...stickyText(of.get('sticky')),
    answerText(of),
    ...(of.get('agreement') === 'differs'
      ? ['The answer table and the steering chain differ: please report this.']
      : []),
    '',
  ].join('\n');
}

function placeText(place: unknown): string {
  const of = recordOf(place);
  if (textOf(of.get('kind')) !== 'known') return 'place unknown';
  return `${textOf(of.get('country'))} (${textOf(of.get('continent'))}) near ${numberOf(of.get('lat'))}, ${numberOf(of.get('lon'))}`;
}

function matchText(of: ReadonlyMap<string, unknown>): string {
  const matched = recordOf(of.get('matched'));
  const zone = textOf(of.get('zone'));
  if (zone === '') return 'The name is in none of our zones.';
  const kind = textOf(matched.get('kind'));
  const steering = textOf(of.get('steering'));
  // A preset has the usual steps; where a list has them otherwise, that is what one looks for.
  const list = steering.includes(',') ? `, steering ${steering}` : '';
  return `zone ${zone}, ${kind === '' ? 'no such name' : `${kind} ${textOf(matched.get('owner'))}`}${list}`;
}

function candidateTable(candidates: readonly unknown[]): string {
  const head = ['cluster', 'address', 'state', 'weight', 'tier', 'distance', 'view', 'result'].map((word) =>
    bold(word),
  );
  return textTable([head, ...candidates.map(candidateRow)]);
}

function candidateRow(candidate: unknown): Row {
  const of = recordOf(candidate);
  const distance = of.get('distanceKm');
  const drain = textOf(of.get('drain'));
  return [
    textOf(of.get('cluster')),
    textOf(of.get('address')),
    stateText(of) + (drain === 'none' ? '' : ` ${paintState('drained')} (${drain})`),
    weightText(of),
    String(numberOf(of.get('tier'))),
    typeof distance === 'number' ? `${Math.round(distance)} km` : dim('-'),
    ageText(of.get('view')),
    paintState(textOf(of.get('chosen'))),
  ];
}

/** The state with why it is so, whether it is old, and whether the cluster sheds clients. */
function stateText(of: ReadonlyMap<string, unknown>): string {
  const reason = textOf(of.get('stateReason'));
  const stale = of.get('freshness') === 'stale' ? ` ${paintState('stale')}` : '';
  const idle = of.get('pace') === 'idle' ? ` ${dim('idle')}` : '';
  const sheds = textOf(of.get('sheds'));
  const more = sheds === '' ? '' : ` (${sheds})`;
  return (
    paintState(textOf(of.get('state'))) + (reason === '' ? '' : ` (${reason})`) + stale + idle + more + orderText(of)
  );
}

/** What people ordered, and what is measured where that is something else. */
function orderText(of: ReadonlyMap<string, unknown>): string {
  const orders = listOf(of.get('orders')).map(textOf);
  if (orders.length === 0) return '';
  const measured = textOf(of.get('measured'));
  const other = measured === '' || measured === textOf(of.get('state')) ? '' : `, measured ${paintState(measured)}`;
  const admits = of.get('orderAdmits');
  const part = typeof admits === 'number' ? `, ${Math.round(admits * 100)} % of its clients` : '';
  return ` (by ${orders.join(', ')}${other}${part})`;
}

/** With what the objects say, where an order says something else. */
function weightText(of: ReadonlyMap<string, unknown>): string {
  const written = of.get('writtenWeight');
  const weight = String(numberOf(of.get('weight')));
  return typeof written === 'number' ? `${weight} (written ${written})` : weight;
}

function stepsText(candidate: unknown): string {
  const of = recordOf(candidate);
  const rows = listOf(of.get('steps')).map((step) => {
    const what = recordOf(step);
    return ['', textOf(what.get('filter')), paintState(textOf(what.get('verdict'))), textOf(what.get('reason'))];
  });
  return `${bold(textOf(of.get('cluster')))} ${textOf(of.get('address'))}\n${textTable(rows)}\n`;
}

/** One line where the client's subnet decided. */
function stickyText(sticky: unknown): readonly string[] {
  const of = recordOf(sticky);
  const cluster = textOf(of.get('cluster'));
  if (cluster === '') return [];
  const bucket = `bucket ${numberOf(of.get('bucket'))} of ${numberOf(of.get('buckets'))}`;
  const share = `${Number((100 * numberOf(of.get('share'))).toFixed(1))} %`;
  return [`${bold('sticky:')} the client's subnet is in ${bucket}, which is ${cluster}'s as ${share} of them are`];
}

/** How the answer came about, where that is not the ordinary case. */
const REASONS: Readonly<Record<ExceptionalReason, string>> = {
  'last-resort': ' (last resort: nobody is eligible)',
  residency: ' (residency: the fences keep this client from who could take it)',
  nobody: ' (nobody: nobody is eligible, and the last resort names nobody)',
};

function reasonText(of: ReadonlyMap<string, unknown>): string {
  // A hostname has a reason whatever is asked, but addresses alone are steered.
  const isSteered = ['A', 'AAAA'].includes(textOf(of.get('type')));
  return isSteered ? (new Map<unknown, string>(Object.entries(REASONS)).get(of.get('reason')) ?? '') : '';
}

function answerText(of: ReadonlyMap<string, unknown>): string {
  const records = listOf(of.get('records')).map((record) => {
    const what = recordOf(record);
    return [
      textOf(what.get('owner')),
      String(numberOf(what.get('ttl'))),
      textOf(what.get('type')),
      textOf(what.get('data')),
    ];
  });
  const head = `${bold('answer:')} ${textOf(of.get('outcome'))}${reasonText(of)}, ECS scope /${numberOf(of.get('scope'))}`;
  return records.length === 0 ? head : `${head}\n${textTable(records)}`;
}
