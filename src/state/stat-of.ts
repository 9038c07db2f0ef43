import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isNothing } from './journal/journal-error.ts';

/** What is at a place; undefined where there is nothing. Rejects with the system's error where that cannot be told. */
export async function statOf(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (isNothing(error)) return undefined;
    throw error;
  }
}
