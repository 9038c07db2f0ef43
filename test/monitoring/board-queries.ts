import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../house/source-tree.ts';

const FOLDER = join(ROOT, 'deploy/monitoring/dashboards');

/** One query of one panel, or of an annotation. */
export type PanelQuery = { readonly of: string; readonly expr: string };

/** All boards as they are in the files. */
export const BOARDS = readdirSync(FOLDER).map((file) => {
  const board: unknown = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  return { file, board, queries: queriesIn(board, file) };
});

/** The first query of a panel. */
export function queryOf(file: string, title: string): string {
  const found = BOARDS.find((board) => board.file === file)?.queries.find(({ of }) => of === `${file}: ${title}`);
  if (found === undefined) throw new Error(`no panel ${title} on ${file}`);
  return found.expr;
}

/** An expression as Grafana asks it with all of everything chosen. The job alone stands for what there is, not for anything. */
export function filled(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '2m')
    .replaceAll('$job', 'azimuth')
    .replaceAll(/\$[a-z]+\b/g, '.*');
}

function queriesIn(value: unknown, file: string, title = ''): readonly PanelQuery[] {
  if (typeof value !== 'object' || value === null) return [];
  const expr = valueAt(value, 'expr');
  const name = valueAt(value, 'title') ?? valueAt(value, 'name');
  const here = typeof name === 'string' ? name : title;
  if (typeof expr === 'string') return [{ of: `${file}: ${here}`, expr }];
  return Object.values(value).flatMap((each) => queriesIn(each, file, here));
}

/** A field of something; undefined where it has none. */
export function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}
