import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS } from '../../src/admin/problems.ts';
import { startAdmin } from '../unit/admin/admin-fixture.ts';
import { ROOT } from './source-tree.ts';

const HEAD = '| code | status | title | when |\n|---|---|---|---|\n';

/** `docs/admin-api.md`: as it stands, with the table of problems made anew. */
export function adminMarkdown(): string {
  const page = readFileSync(join(ROOT, 'docs/admin-api.md'), 'utf8');
  const begin = page.indexOf(HEAD) + HEAD.length;
  const rest = page.slice(begin).replace(/^(?:\|.*\n)*/, '');
  const rows = Object.entries(PROBLEMS).map(
    ([code, [status, title, when]]) => `| \`${code}\` | ${status} | ${title} | ${when} |\n`,
  );
  return page.slice(0, begin) + rows.join('') + rest;
}

/** `docs/openapi.json`: what a running server says of itself. */
export async function openapiJson(): Promise<string> {
  const admin = await startAdmin();
  const { text } = await admin.ask('/v1/openapi.json');
  await admin.server.close();
  return `${JSON.stringify(JSON.parse(text), null, 1)}\n`;
}
