import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureAdminToken } from '../../../src/state/admin-token.ts';

let parent = '';
let directory = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'azimuth-token-'));
  directory = join(parent, 'state');
});
afterEach(() => rm(parent, { recursive: true }));

describe('ensureAdminToken', () => {
  it('makes 256 bits that only the owner reads, once', async () => {
    const made = await ensureAdminToken(directory);
    expect(made).toEqual({ file: join(directory, 'admin-token'), token: expect.stringMatching(/^[\w-]{43}$/) });
    expect((await stat(made.file)).mode & 0o777).toBe(0o600);
    expect(await readFile(made.file, 'utf8')).toBe(`${made.token}\n`);
    expect(await ensureAdminToken(directory)).toEqual(made);
    expect(await readdir(directory)).toEqual(['admin-token']);
  });

  it('gives all who start at once the same token', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => ensureAdminToken(directory)));
    expect(new Set(all.map(({ token }) => token)).size).toBe(1);
    expect((await ensureAdminToken(directory)).token).toBe(all[0]?.token);
    expect(await readdir(directory)).toEqual(['admin-token']);
  });

  it('takes a token of the user', async () => {
    const { file } = await ensureAdminToken(directory);
    await writeFile(file, '  0123456789abcdef0123456789abcdef\n');
    expect((await ensureAdminToken(directory)).token).toBe('0123456789abcdef0123456789abcdef');
  });

  it.each(['', 'short', 'two words and then some more of them', 'x'.repeat(5000)])('refuses %j', async (text) => {
    const { file } = await ensureAdminToken(directory);
    await writeFile(file, text);
    await expect(ensureAdminToken(directory)).rejects.toThrow('does not hold an admin token');
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('rejects with the reason where the directory cannot be made', async () => {
    await writeFile(directory, 'a file');
    await expect(ensureAdminToken(directory)).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});
