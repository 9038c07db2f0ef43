/** A drill that is under way on a terminal: drawn again and again, as much of it as there is room for. */
import { stripVTControlCharacters } from 'node:util';
import { drillText } from './drill-text.ts';

/** What shows a drill as it goes on. */
export type Show = { update(view: unknown): void; close(): void };

/** Shares are left out first, then the plan: how it stands and what happened is what one looks for. */
const FORMS = [
  ...[12, 9, 6, 3, 1].map((samples) => ({ samples, plan: 'shown' as const })),
  ...[6, 3, 1, 0].map((samples) => ({ samples, plan: 'left-out' as const })),
];

/** Draws on the standard output. */
export async function createScreen(): Promise<Show> {
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(process.stdout);
  return {
    update(view) {
      const { rows, columns } = process.stdout;
      draw(fittingText(view, rows, columns));
    },
    close: () => draw.done(),
  };
}

/** The drill in so many rows and columns: what does not fit is cut off at the right, and above the latest of its timeline. */
export function fittingText(view: unknown, rows: number, columns: number): string {
  // The cursor stands in a line of its own.
  const most = Math.max(1, rows - 1);
  const forms = FORMS.map((form) => drillText(view, form).split('\n'));
  const lines = forms.find(({ length }) => length <= most) ?? latest(forms.at(-1) ?? [], most);
  return lines.map((line) => cut(line, columns)).join('\n');
}

/** The first lines say what it is, the last ones what happened last. */
function latest(lines: readonly string[], most: number): readonly string[] {
  const head = Math.min(3, Math.max(1, most - 1));
  return [...lines.slice(0, head), ...lines.slice(head + lines.length - most)];
}

function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : `${plain.slice(0, Math.max(0, columns - 1))}…`;
}
