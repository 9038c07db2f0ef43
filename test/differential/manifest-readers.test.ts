import * as fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readObject } from '../../src/core/desired/gateway-api/objects.ts';
import { MAX_EXACT_OCTETS, MAX_INLINE_OCTETS } from '../../src/sources/file/limits.ts';
import { readManifest } from '../../src/sources/file/manifest-file.ts';
import { readObjectsOf } from '../../src/sources/file/manifest-reader.ts';
import type { ManifestText } from '../../src/sources/file/manifest-text.ts';

/** Sizes that a text pretends to have, for each way of reading: at once, piece by piece, and only what is used. */
const [SMALL, MEDIUM, LARGE] = [0, MAX_INLINE_OCTETS + 1, MAX_EXACT_OCTETS + 1];
const FILE = 'manifest.yaml';

/** A text that comes in parts of some lines each. */
function textOf(text: string, octets: number, linesEach = 3): ManifestText {
  const lines = text.split(/(?<=\n)/);
  return {
    octets,
    *parts() {
      for (let at = 0; at < lines.length; at += linesEach) yield lines.slice(at, at + linesEach).join('');
    },
  };
}

function readFast(text: string, octets: number, linesEach?: number) {
  const objects: { line: number; value: unknown }[] = [];
  const reading = readObjectsOf(textOf(text, octets, linesEach), {
    take: (value, line) => void objects.push({ line, value }),
    restart: () => void objects.splice(0),
  });
  return reading.kind === 'read' ? { ...reading, objects } : reading;
}

/** What is understood of a manifest. */
function meaningOf(manifest: ReturnType<typeof readFast> | ReturnType<typeof readManifest>) {
  if (manifest.kind !== 'read') return manifest;
  return manifest.objects.map(({ value, line }) => readObject(value, { file: FILE, line }));
}

const LIST_HEAD = 'apiVersion: v1\nkind: List\nitems:\n';
const CORPUS: Readonly<Record<string, string>> = {
  'no document': '',
  'comments only': '# x\n---\n# y\n...\n',
  'documents, empty ones and comments':
    '# two\n---\nkind: A\n---\n---\n# nothing\n--- # b\nkind: B\n...\n# x\n---\n  kind: C\n',
  'a list that is not indented': `${LIST_HEAD}- a: 1\n  b: {c: 2}\n- kind: X\n`,
  'a list that is indented': `${LIST_HEAD}  - a: 1\n\n  # c\n  - b: |\n      foo\n       bar\n\n  -\n    kind: Z\n  - null\n  - 5\n`,
  'a list by one column': `${LIST_HEAD} - a: 1\n - b: 1\n`,
  'a kind behind the items, and another document':
    'apiVersion: v1\nitems:\n- a: 1\nkind: List\nmetadata: {}\n---\nkind: Q\n',
  'a list of a kind': 'apiVersion: g/v1\nkind: GatewayList\nitems:\n- metadata: { name: x }\n- kind: Own\n',
  'a list of a kind that comes behind': 'apiVersion: g/v1\nitems:\n- metadata: { name: x }\nkind: GatewayList\n',
  'items of what is no list': 'apiVersion: g/v1\nitems:\n- metadata: { name: x }\nkind: Foo\n',
  'items twice': `${LIST_HEAD}- a: 1\nmetadata: {}\nitems:\n- b: 1\n`,
  'items in quotes': 'kind: List\n"items":\n- a: 1\n',
  'comments around items': 'kind: List\nitems: # all\n\n# c\n- a: 1\n# d\n # e\n- b: 1\n#f\n',
  'lists and texts as items': `${LIST_HEAD}- - a\n  - b\n- foo\n  bar\n- ~\n-\n- baz\n`,
  'empty lines kept at the end of a text': `${LIST_HEAD}- a: |+\n    x\n\n\n- b: 1\n`,
  'aliases across items': `${LIST_HEAD}- a: &x {b: 1}\n- c: *x\n`,
  'merge keys': 'a: &a {x: 1}\nb:\n  <<: *a\nc:\n  <<: {y: 1}\n',
  'a list in brackets': 'kind: List\nitems: [{a: 1},\n {b: 2}]\n',
  'a mapping in braces': '{kind: List, items: [{a: 1},\n {b: 2}]}\n',
  'braces that nobody indented': `${LIST_HEAD}- a: {\nb: 1 }\n- c: 2\n`,
  'a text in quotes that nobody indented': `${LIST_HEAD}- a: "x\n- b"\n- c: 2\n`,
  'a text that looks like a list': '--- |\nitems:\n- a\nkind: List\n',
  'a document mark in a text': 'a: |\n  x\n---\nb: 1\n',
  'content behind a document mark': '--- {a: 1}\n--- !!map\nb: 2\n--- |\n foo\n',
  tags: 'a: !!str 5\nb: !!int "7"\nc: !foo bar\nd: !!binary aGk=\ne: !!timestamp 2026-01-01\nf: !!set {a, b}\n',
  'keys that are no texts': '1: a\n~: b\n0x10: c\ntrue: d\n',
  'complex keys': '? [a]\n: b\n',
  'the prototype as a key': '__proto__: {a: 1}\nconstructor: 2\n',
  'a key twice': 'a: 1\nb: 2\na: 3\n',
  numbers:
    'a: 010\nb: 0o17\nc: 0x1F\nd: -0x1F\ne: 1e999\nf: .inf\ng: -.INF\nh: .nan\ni: 1_000\nj: +12\nk: -0\nl: 12345678901234567890123\nm: 1.\nn: .5\no: 1e3\np: 0b11\nq: 190:20:30\n',
  'dates, and words of YAML 1.1':
    'a: 2026-01-01\nb: 2026-01-01T00:00:00Z\nc: yes\nd: No\ne: on\nf: tRUE\ng: True\nh: nULL\ni: Null\nj: ~\nk:\nl: =\nm: <<\n',
  'CRLF line ends': 'kind: List\r\nitems:\r\n- a: 1\r\n  b: "x\r\n    y"\r\n- c: |\r\n    q\r\n    w\r\n',
  'a carriage return alone': 'a: 1\rb: 2\n',
  directives: '%YAML 1.1\n---\na: yes\nb: 010\n',
  escapes: 'a: "\\x41\\u00e9\\U0001F600 \\0\\/"\nb: \'it\'\'s\'\nc: "x\\\n  y"\n',
  'words behind a closing quote or bracket': 'a:\n  b:\n  - "x"  c: 1\n',
  'words behind braces': 'a:\n  b:\n  - {}  c: 1\n',
  'a comment without a space': 'kind: List\nitems:#\n- a: 1\n',
  'comments and line breaks within brackets': 'a: [1, # ]\n  {b: "x" }, [ ]\n  ]\nc: {d: , e: []}\n',
  'an anchor before a mark': '&a---\na: 1\n',
  'a wrong escape': 'a: "\\q"\n',
  'characters that cannot be printed': 'a: \u0001\nb: \u0085\nc: \u2028\n',
  'tabs between words': 'a:\t1\nb: x\t\n',
  'a tab as indentation': 'kind:\n\t- x',
  'a bracket left open': 'kind: A\nspec: [\n---\nkind: B\n',
  'words that need quotes': 'a: @x\nb: `y\n',
  'two colons': 'a: b: c\n',
  'wrong indentation': 'a:\n  b:\n c: 1\n',
  'a space that is none': '---\u00a0x: 1\n',
  'a document mark that is indented': ' ---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n',
  'a tab at the very beginning': '\tapiVersion": "v1","items":[]}',
  'nested braces': '{'.repeat(2000),
  'JSON in one line': '{"kind":"List","items":[{"a":1},{"b":[{}]}]}',
  'JSON with a key twice': '{"a":1,"a":2}',
  'JSON with a key twice in an item':
    '{\n  "kind": "List",\n  "items": [\n    {\n      "a": 1,\n      "a": 2\n    }\n  ]\n}\n',
  'JSON documents': '{"a":1}\n---\n{"b":2}\n',
  'JSON with a comma too many': '{"a":1,}',
  'JSON cut short': '{\n    "items": [\n        {\n            "a": 1\n        },\n        {\n            "a"',
  'JSON with the items of something else':
    '{\n    "x": {"items": [\n        {\n            "a": 1\n        }\n    ]},\n "kind": "List", "items": []}\n',
  'JSON with items twice':
    '{\n    "items": [\n        {\n            "a": 1\n        }\n    ],\n "kind": "List", "items": []}\n',
  'JSON escapes': '{"a":"\\ud83d\\ude00\\u0000\\/\\":x","b\\\\":1}',
};

describe('each corner of the formats reads as the exact reader reads it', () => {
  test.each(Object.entries(CORPUS))('%s', (_, text) => {
    const exact = readManifest(text);
    expect(readFast(text, SMALL)).toEqual(exact);
    expect(readFast(text, MEDIUM)).toEqual(exact);
    expect(readFast(text, MEDIUM, 1)).toEqual(exact);
  });
});

test('a list without its kind counts as one object, whatever its items are', () => {
  const text = 'apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n';
  for (const octets of [SMALL, MEDIUM, LARGE]) {
    expect(readFast(text, octets)).toMatchObject({ objects: [{ line: 1, value: { apiVersion: 'v1' } }] });
  }
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom(
    'yes',
    '010',
    '0x1',
    '1e3',
    '~',
    'null',
    '- a',
    '# b',
    'a: b',
    '---',
    '...',
    '{',
    '&a',
    '*a',
    '!b',
    '\n\n',
    ' x',
  ),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText,
    fc.integer(),
    // JSON has no negative zero.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 3 }),
  ),
}));
const anyName = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const anyObject = fc.record({
  apiVersion: fc.constant('gateway.networking.k8s.io/v1'),
  kind: fc.constantFrom('HTTPRoute', 'TLSRoute', 'Gateway', 'ListenerSet', 'Namespace', 'Service'),
  metadata: fc.record(
    {
      annotations: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
      generation: fc.integer(),
      managedFields: fc.array(anyValue, { maxLength: 2 }),
      name: anyName,
      namespace: anyName,
      uid: anyText,
    },
    { requiredKeys: ['name'] },
  ),
  spec: fc.record(
    {
      hostnames: fc.array(anyName, { maxLength: 2 }),
      listeners: fc.array(
        fc.record({ name: anyName, port: fc.integer({ min: 1, max: 99 }), protocol: fc.constant('HTTP') }),
        { maxLength: 2 },
      ),
      parentRefs: fc.array(fc.record({ name: anyName }), { maxLength: 2 }),
      rules: fc.array(anyValue, { maxLength: 2 }),
      zz: anyValue,
    },
    { requiredKeys: [] },
  ),
  status: fc.record(
    { addresses: fc.array(fc.record({ value: anyName }), { maxLength: 2 }), zz: anyValue },
    { requiredKeys: [] },
  ),
});

/** The ways in which manifests are written. */
const WRITERS: Readonly<Record<string, (objects: readonly unknown[]) => string>> = {
  'kubectl as JSON': (items) => `${JSON.stringify({ apiVersion: 'v1', items, kind: 'List', metadata: {} }, null, 4)}\n`,
  'JSON with the kind first': (items) => JSON.stringify({ kind: 'List', apiVersion: 'v1', items }, null, 2),
  'JSON in one line': (items) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  'a list, not indented': (items) => stringify({ apiVersion: 'v1', items, kind: 'List' }, { indentSeq: false }),
  'a list, indented': (items) => stringify({ apiVersion: 'v1', kind: 'List', items }),
  documents: (objects) => objects.map((each) => stringify(each)).join('---\n'),
  'documents by js-yaml': (objects) => objects.map((each) => `---\n${dump(each, { seqNoIndent: true })}`).join(''),
  'documents in braces': (objects) => objects.map((each) => dump(each, { flowLevel: 1 })).join('---\n'),
};

describe.each(Object.entries(WRITERS))('what is written as %s', (_, write) => {
  const written = fc.tuple(fc.array(anyObject, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }));

  test('is read as the exact reader reads it, and is what was written', () => {
    fc.assert(
      fc.property(written, ([objects, linesEach]) => {
        const text = write(objects);
        const exact = readManifest(text);
        const fast = readFast(text, MEDIUM, linesEach);
        expect(fast).toEqual(exact);
        expect(fast.kind === 'read' ? fast.objects.map(({ value }) => value) : fast).toEqual(objects);
      }),
    );
  });

  test('means the same where only what is used of a large file is read', () => {
    fc.assert(
      fc.property(written, ([objects, linesEach]) => {
        const text = write(objects);
        expect(meaningOf(readFast(text, LARGE, linesEach))).toEqual(meaningOf(readFast(text, SMALL)));
      }),
    );
  });

  test('and damaged since is never read otherwise than by the exact reader', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.nat(6),
      fc.constantFrom('', ' ', '\n', '\t', '-', ':', '"', '}', '{', '#', '&a', '- ', '\r\n'),
    );
    fc.assert(
      fc.property(written, damage, ([objects, linesEach], [at, length, instead]) => {
        const text = write(objects);
        const from = at % (text.length + 1);
        const damaged = text.slice(0, from) + instead + text.slice(from + length);
        const exact = readManifest(damaged);
        expect(meaningOf(readFast(damaged, MEDIUM, linesEach))).toEqual(meaningOf(exact));
      }),
    );
  });
});
