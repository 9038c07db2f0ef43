import type { AuditVerdict } from '../compose/audit.ts';
import { ADMIN_OPTIONS, adminClient, configFile } from './admin-client.ts';
import { bold } from './colour.ts';
import { type Command, EXIT, type Invocation, textOption, UsageError, wrongSubject } from './command.ts';
import { countText } from './count-text.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { textTable } from './text-table.ts';

/** Longest cell of the table, in characters. */
const MAX_CELL = 60;

/** `azimuth audit`: who did what; and whether the files that say so are as they were written. */
export const auditCommand: Command = {
  name: 'audit',
  usage: 'azimuth audit list [--limit N] | verify [--directory DIR] [--config FILE] [--json]',
  summary: 'who did what, and whether the record of it is whole',
  words: ['list', 'verify'],
  options: { ...ADMIN_OPTIONS, limit: { type: 'string' }, directory: { type: 'string' } },
  run: audit,
};

async function audit(invocation: Invocation): Promise<number> {
  const [word = 'list', more] = invocation.positionals;
  if (more === undefined && word === 'list') return list(invocation);
  if (more === undefined && word === 'verify') return verify(invocation);
  throw wrongSubject(auditCommand, word);
}

async function list(invocation: Invocation): Promise<number> {
  const limit = textOption(invocation, 'limit') ?? '20';
  if (!/^([1-9]\d{0,2}|1000)$/.test(limit)) throw new UsageError('--limit: expected a number from 1 to 1000.');
  const client = await adminClient(invocation);
  const answer = await client.get(`/v1/audit?limit=${limit}`);
  const items = listOf(recordOf(answer).get('items'));
  const asJson = invocation.options['json'] === true;
  process.stdout.write(`${asJson ? JSON.stringify(answer, null, 2) : tableOf(items)}\n`);
  return EXIT.ok;
}

function tableOf(items: readonly unknown[]): string {
  if (items.length === 0) return 'Nothing was recorded.';
  const rows = items.map((item) => {
    const field = recordOf(item);
    const texts = ['at', 'who', 'from', 'action', 'target', 'outcome'].map((name) => cell(textOf(field.get(name))));
    return [String(numberOf(field.get('seq'))), ...texts];
  });
  return textTable([['#', 'AT', 'WHO', 'FROM', 'ACTION', 'TARGET', 'OUTCOME'].map((word) => bold(word)), ...rows]);
}

function cell(text: string): string {
  return text.length <= MAX_CELL ? text : `${text.slice(0, MAX_CELL - 1)}…`;
}

/** Reads the files themselves: no director is needed, nor believed. */
async function verify(invocation: Invocation): Promise<number> {
  const directory = textOption(invocation, 'directory') ?? (await configuredDirectory(invocation));
  const { verifyAudit } = await import('../compose/audit.ts');
  const verdict = await verifyAudit(directory);
  const asJson = invocation.options['json'] === true;
  process.stdout.write(`${asJson ? JSON.stringify(verdict, null, 2) : verdictText(verdict, directory)}\n`);
  return verdict.state === 'whole' ? EXIT.ok : EXIT.failed;
}

async function configuredDirectory(invocation: Invocation): Promise<string> {
  const { loadConfig } = await import('../config/load.ts');
  const { configText } = await import('./config-text.ts');
  const loaded = await loadConfig(configFile(invocation), process.env);
  if (loaded.kind === 'invalid') throw new UsageError(configText(loaded.problems));
  return loaded.config.state.directory;
}

function verdictText(verdict: AuditVerdict, directory: string): string {
  if (verdict.state === 'none') return `There is no audit in ${directory}.`;
  if (verdict.state === 'broken') {
    const { file, line, reason, entries } = verdict;
    return `The audit is broken at ${file}, line ${line}: ${reason}. ${entriesText(entries)} in front of it can be relied on.`;
  }
  const { entries, files, firstSeq, lastSeq, lastHash, tornOctets } = verdict;
  const older = firstSeq > 1 ? ` Lines in front of number ${firstSeq} are not there: nothing is known of them.` : '';
  const torn =
    tornOctets > 0 ? ` It ends with ${tornOctets} octets that are no whole line: an entry was being written.` : '';
  return `The audit is whole: ${entriesText(entries)} in ${countText(files, 'file')}; the last line has the number ${lastSeq}.${older}${torn}\nIts hash: ${lastHash}`;
}

function entriesText(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}
