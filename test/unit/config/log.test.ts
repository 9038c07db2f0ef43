import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(log: string) {
  const file = join(folder, 'azimuth.yaml');
  const zone = 'zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]';
  const cluster = 'clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]';
  await writeFile(file, `${zone}\n${cluster}\nlog: ${log}\n`);
  return loadConfig(file, { AZIMUTH_LOG_LEVEL: 'debug' });
}

describe('log', () => {
  test('is read; the level of the environment goes before that of the file', async () => {
    const loaded = await load('{ level: warn, format: text, client-addresses: none }');
    if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.log).toEqual({ level: 'debug', format: 'text', clientAddresses: 'none' });
  });

  test.each([
    ['{ format: pretty }', 'log.format: expected one of auto, json, text'],
    ['{ client-addresses: hashed }', 'log.client-addresses: expected one of full, masked, none'],
  ])('%s is refused', async (log, problem) => {
    const loaded = await load(log);
    expect(loaded.kind === 'invalid' && loaded.problems.map(formatProblem)).toEqual([expect.stringContaining(problem)]);
  });
});
