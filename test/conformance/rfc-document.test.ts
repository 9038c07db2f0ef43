import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const FOLDERS = ['test/conformance', 'test/unit/dns'];
const TITLE = /^ +it(?:\.skipIf\(.*?\))?\(\s*(['`])(RFC \d+ .*?)\1,/gm;

/** `title | file` of every test that is named after an RFC. */
function provenStatements(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap((file) =>
        [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(TITLE)]
          .map((match) => match[2] ?? '')
          .filter((title) => !title.includes('${'))
          .map((title) => `${title} | ${folder}/${file}`),
      ),
  );
}

/** The same of every row of the document. */
function documentedStatements(): readonly string[] {
  const rows = readFileSync('docs/rfc.md', 'utf8').matchAll(/^\| (RFC \d+ .*?) \| (.*?) \| `(.*?)` \|$/gm);
  return [...rows].map(([, sections, statement, file]) => `${sections}: ${statement} | ${file}`);
}

describe('docs/rfc.md', () => {
  it('lists every statement that a test proves, and only those', () => {
    const proven = provenStatements();
    expect(proven.length).toBeGreaterThan(90);
    expect(documentedStatements().toSorted()).toEqual(proven.toSorted());
  });
});
