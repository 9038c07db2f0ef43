import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adminMarkdown, openapiJson } from './admin-page.ts';
import { annotationsMarkdown, configurationMarkdown, eventsMarkdown, findingsMarkdown } from './docs-tables.ts';
import { limits, limitsMarkdown } from './limits-table.ts';
import { migrationMarkdown } from './migration-page.ts';
import { ROOT } from './source-tree.ts';
import { steeringMarkdown } from './steering-page.ts';

const pages = ['README.md', 'CHANGELOG.md', 'src/README.md', 'geoip/README.md', 'test/scenario/README.md']
  .concat(readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`))
  .filter((path) => path.endsWith('.md'));

describe('the documentation', () => {
  it('docs/findings.md is the table of findings', async () => {
    await expect(findingsMarkdown()).toMatchFileSnapshot('../../docs/findings.md');
  });

  it('docs/events.md is the table of log events', async () => {
    await expect(eventsMarkdown()).toMatchFileSnapshot('../../docs/events.md');
  });

  it('docs/annotations.md is the table of annotations', async () => {
    await expect(annotationsMarkdown()).toMatchFileSnapshot('../../docs/annotations.md');
  });

  it('docs/configuration.md is the schema of the configuration', async () => {
    await expect(configurationMarkdown()).toMatchFileSnapshot('../../docs/configuration.md');
  });

  it('docs/migration.md has the keys of other systems that are read', async () => {
    await expect(migrationMarkdown()).toMatchFileSnapshot('../../docs/migration.md');
  });

  it('docs/steering.md has the steps of the chain in their order', async () => {
    await expect(steeringMarkdown()).toMatchFileSnapshot('../../docs/steering.md');
  });

  it('docs/admin-api.md has the table of problems', async () => {
    await expect(adminMarkdown()).toMatchFileSnapshot('../../docs/admin-api.md');
  });

  it('docs/openapi.json is what a server says of itself', async () => {
    await expect(await openapiJson()).toMatchFileSnapshot('../../docs/openapi.json');
  });

  it('docs/limits.md is every bounding constant of src', async () => {
    expect(limits().length).toBeGreaterThan(60);
    await expect(limitsMarkdown()).toMatchFileSnapshot('../../docs/limits.md');
  });

  it('every limit says in a comment what it bounds, and in which unit', () => {
    expect(
      limits()
        .filter(({ meaning }) => meaning === '')
        .map(({ name, file }) => `${file}: ${name}`),
    ).toEqual([]);
  });

  it('every link between pages leads somewhere', () => {
    const dead = pages.flatMap((path) => {
      const links = readFileSync(join(ROOT, path), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g);
      return [...links]
        .filter(([, to = '']) => !existsSync(join(ROOT, dirname(path), to)))
        .map(([, to]) => `${path} → ${to}`);
    });
    expect(dead).toEqual([]);
  });

  it('every path under src/, test/ or docs/ that a page names exists', () => {
    const named = pages.flatMap((path) =>
      [
        ...readFileSync(join(ROOT, path), 'utf8').matchAll(/`((?:src|test|docs|examples|geoip|scripts)\/[\w./-]+)`/g),
      ].map(([, to = '']) => [path, to] as const),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([, to]) => !existsSync(join(ROOT, to))).map(([path, to]) => `${path} → ${to}`)).toEqual([]);
  });
});
