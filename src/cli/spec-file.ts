import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { messageOf } from '../core/error-message.ts';
import { UsageError } from './command.ts';

/** What is said of a file that is none of these. `hint` follows what keeps it from being read. */
type SpecWords = { readonly what: string; readonly fields: string; readonly hint?: string };

/** A mapping from a file of YAML or JSON; what is in it is judged by the director. Throws a UsageError. */
export async function readSpec(file: string, { what, fields, hint = '' }: SpecWords): Promise<object> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const reason = messageOf(cause);
    throw new UsageError(`${file} cannot be read: ${reason}${hint}`, { cause });
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  throw new UsageError(`${file} holds no ${what}: expected a mapping with ${fields}.`);
}
