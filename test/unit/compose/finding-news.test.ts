import { expect, it } from 'vitest';
import { createFindingNews } from '../../../src/compose/finding-news.ts';
import { type Finding, finding } from '../../../src/core/desired/finding.ts';

const at = (line: number): Finding => finding('annotation-unknown', { file: 'a.yaml', line }, 'unknown annotation');

it('tells a finding when it appears, not while it stands, and again after it was gone', () => {
  const told: (readonly Finding[])[] = [];
  const hear = createFindingNews((news) => told.push(news));
  for (const all of [[at(1)], [at(1)], [at(1), at(2), at(2)], [at(2)], [], [at(1)]]) hear(all);
  expect(told).toEqual([[at(1)], [at(2)], [at(1)]]);
});

it('tells when it is gone, once', () => {
  const gone: (readonly Finding[])[] = [];
  const hear = createFindingNews(
    () => {},
    (findings) => gone.push(findings),
  );
  for (const all of [[], [at(1), at(2)], [at(2)], [at(2)], [], []]) hear(all);
  expect(gone).toEqual([[at(1)], [at(2)]]);
});
