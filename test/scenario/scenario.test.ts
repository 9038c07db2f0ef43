import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { ROOT } from '../house/source-tree.ts';
import { perform } from './perform.ts';
import { copyExamples, createScenarioDirector } from './scenario-director.ts';
import { parseTranscript } from './transcript.ts';

const STORIES = join(ROOT, 'test/scenario/stories');
const files = (await readdir(STORIES)).filter((name) => name.endsWith('.scenario')).toSorted();

describe('scenarios', async () => {
  for (const file of files) {
    const transcript = parseTranscript(file, await readFile(join(STORIES, file), 'utf8'));
    it(`${file}: ${transcript.title}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'azimuth-scenario-'));
      await copyExamples(join(ROOT, 'examples'), folder);
      const director = await createScenarioDirector(folder, join(ROOT, 'geoip/test-city.mmdb'));
      try {
        for (const step of transcript.steps) await perform(step, director, transcript.file);
      } finally {
        await director.stop();
        await rm(folder, { recursive: true });
      }
    });
  }
});
