import { stripVTControlCharacters } from 'node:util';

/**
 * Reading of JSON that came from a director, which may be older or newer than this CLI: what is missing reads as empty.
 */
export function recordOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

/** The items of a list, or none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text without control sequences: it may come from a manifest and goes to a terminal. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? stripVTControlCharacters(value) : '';
}

/** A number, or 0. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
