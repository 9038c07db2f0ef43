/**
 * Scenario transcripts: plain text, one command a line; lines indented below a command are what it expects (or its
 * input). `#` starts a comment. The commands are in `test/scenario/README.md`.
 */
export type Step = {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly words: readonly string[];
  readonly text: string;
  /** The indented lines below, without their common indent. */
  readonly block: readonly string[];
};

/** A parsed transcript. */
export type Transcript = { readonly file: string; readonly title: string; readonly steps: readonly Step[] };

/** Parses a transcript; the first line must be `title: …`. Throws with file and line where it cannot. */
export function parseTranscript(file: string, text: string): Transcript {
  const lines = text.split('\n');
  const title = /^title: (.+)$/.exec(lines[0] ?? '')?.[1];
  if (title === undefined) throw new Error(`${file}:1: a transcript starts with "title: …"`);
  const steps: Step[] = [];
  let block: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || (line.trim() === '' && steps.length === 0) || line.startsWith('#')) continue;
    if (/^\s/.test(line) || line === '') {
      if (steps.length === 0) throw new Error(`${file}:${index + 1}: an indented line without a command`);
      block.push(line);
      continue;
    }
    finish(steps, block);
    block = [];
    steps.push({ line: index + 1, words: line.trim().split(/\s+/), text: line.trim(), block: [] });
  }
  finish(steps, block);
  return { file, title, steps };
}

function finish(steps: Step[], block: readonly string[]): void {
  const last = steps.pop();
  if (last === undefined) return;
  const trimmed = block.join('\n').trimEnd();
  const lines = trimmed === '' ? [] : trimmed.split('\n');
  const indent = Math.min(...lines.filter((line) => line !== '').map((line) => line.search(/\S/)));
  steps.push({ ...last, block: lines.map((line) => line.slice(indent)) });
}
