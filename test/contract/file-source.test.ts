import { cp, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import { originOf } from '../../src/core/desired/gateway-api/metadata.ts';
import type { Clock, Source } from '../../src/core/ports.ts';
import { createFileSource } from '../../src/sources/file/file-source.ts';
import {
  MAX_DEBOUNCE_MS,
  MAX_EXACT_OCTETS,
  MAX_INLINE_OCTETS,
  MAX_MANIFEST_OCTETS,
  MAX_OBJECTS,
  RECHECK_MS,
} from '../../src/sources/file/limits.ts';
import { createPictureReader, readFoldersOnce } from '../../src/sources/file/picture-reader.ts';
import { createReadingPool, type ReadingPool } from '../../src/sources/file/reading-pool.ts';
import { createAlbum, namesOf, type PictureAlbum, shows, sourceContract } from './source.ts';

const DEBOUNCE = 20;

const API = 'apiVersion: gateway.networking.k8s.io/v1';

/** Without a spec, which only routes can do without. */
const manifest = (name: string, kind = 'HTTPRoute'): string =>
  `${API}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: web\n`;

let root = '';
let folder = '';
let pool: ReadingPool;
beforeEach(async () => {
  pool = createReadingPool();
  root = await mkdtemp(join(tmpdir(), 'azimuth-manifests-'));
  folder = join(root, 'eu');
});
afterEach(async () => {
  await pool.close();
  await rm(root, { recursive: true, force: true });
});

async function write(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

sourceContract('the file source', async () => {
  const place = await mkdtemp(join(tmpdir(), 'azimuth-source-'));
  const clusters = ['eu', 'us'];
  for (const cluster of clusters) await mkdir(join(place, cluster));
  return {
    clusters,
    source: createFileSource({
      clusters: clusters.map((cluster) => ({ cluster, directory: join(place, cluster) })),
      clock: SYSTEM_CLOCK,
      debounceMs: DEBOUNCE,
    }),
    async put(cluster, name) {
      await mkdir(join(place, cluster), { recursive: true });
      await writeFile(join(place, cluster, `${name}.yaml`), manifest(name));
    },
    remove: (cluster, name) => rm(join(place, cluster, `${name}.yaml`)),
    lose: (cluster) => rename(join(place, cluster), join(place, `${cluster}-gone`)),
    cleanUp: () => rm(place, { recursive: true }),
  };
});

describe('a file that is being written', () => {
  test('is empty for a while, as a shell leaves it before kubectl answers: the last good objects stay', async () => {
    await write('a.yaml', manifest('a'));
    const reader = createPictureReader('eu', folder, pool);
    await reader.read();
    for (const text of ['', '\n', '# later\n---\n']) {
      await write('a.yaml', text);
      const picture = await reader.read();
      expect(namesOf(picture)).toEqual(['a']);
      expect(picture.findings.map(({ code }) => code)).toEqual(['manifest-empty']);
    }
    await write('a.yaml', 'apiVersion: v1\nkind: List\nitems: []\n');
    const emptied = await reader.read();
    expect(namesOf(emptied)).toEqual([]);
    expect(emptied.findings).toEqual([]);
  });

  test('is a list cut short before its kind: the last good objects stay, and the line is named', async () => {
    const items = ['a', 'b'].map((name) => `- ${API}\n  kind: HTTPRoute\n  metadata: { name: ${name} }\n`).join('');
    await write('a.yaml', `apiVersion: v1\nitems:\n${items}kind: List\n`);
    const reader = createPictureReader('eu', folder, pool);
    expect(namesOf(await reader.read())).toEqual(['a', 'b']);
    await write('a.yaml', 'apiVersion: v1\nitems:\n- kind: HTTPRoute\n  metadata: { name: a }\n');
    const cut = await reader.read();
    expect(namesOf(cut)).toEqual(['a', 'b']);
    expect(cut.findings).toMatchObject([{ code: 'manifest-incomplete', origin: { line: 1 } }]);
  });
});

describe('what is read', () => {
  const read = () => createPictureReader('eu', folder, pool).read();

  test('single and multi-document files, lists, JSON and empty documents, in the order of their paths', async () => {
    await write('b.yaml', `# two\n---\n${manifest('b1')}---\n---\n# nothing\n---\n${manifest('b2')}`);
    await write(
      'a/list.yml',
      `apiVersion: v1\nkind: List\nitems:\n- { ${API}, kind: Gateway, metadata: { name: l1 }, spec: { listeners: [] } }\n- kind: X\n`,
    );
    await write(
      'c.json',
      JSON.stringify(
        { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'c' } },
        null,
        '\t',
      ),
    );
    await write('notes.txt', 'kind: [');
    await write('.hidden.yaml', 'kind: [');
    await write('.git/x.yaml', 'kind: [');
    const picture = await read();
    expect(picture.findings).toEqual([]);
    expect(
      picture.objects.map(originOf).map(({ file, line, object }) => [file.replace(`${folder}/`, ''), line, object]),
    ).toEqual([
      ['a/list.yml', 4, 'Gateway default/l1'],
      ['b.yaml', 3, 'HTTPRoute web/b1'],
      ['b.yaml', 12, 'HTTPRoute web/b2'],
      ['c.json', 1, 'HTTPRoute default/c'],
    ]);
  });

  test('items of a GatewayList get the kind that they do not say', async () => {
    await write('a.yaml', `${API}\nkind: GatewayList\nitems:\n- metadata: { name: x }\n`);
    expect((await read()).objects).toMatchObject([{ kind: 'Gateway', name: 'x' }]);
  });

  test('files below the working directory are named from there', async () => {
    const directory = join(process.cwd(), 'test', 'no-such-folder');
    const [picture] = await readFoldersOnce([{ cluster: 'eu', directory }]);
    expect(picture?.objects).toEqual([]);
    expect(picture?.findings).toMatchObject([
      { code: 'manifest-unreadable', origin: { file: join('test', 'no-such-folder') } },
    ]);
  });

  test.each([
    ['a bracket that is left open', `${manifest('a')}spec: [\n---\nkind: Gateway\n`, 7],
    ['a key twice', `${manifest('a')}kind: Gateway\n`, 6],
    [
      'an alias bomb',
      Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${(i ? `*a${i - 1},` : 'x,').repeat(9)}]`).join('\n'),
      1,
    ],
    ['nested braces', '{'.repeat(10_000), 1],
    ['complex keys', `${'? '.repeat(10_000)}a`, 1],
    ['a tab', 'kind:\n\t- x', 2],
  ])('%s is a finding with its line, and the other files are read', async (_, text, line) => {
    await write('bad.yaml', text);
    await write('good.yaml', manifest('good'));
    const picture = await read();
    expect(namesOf(picture)).toEqual(['good']);
    expect(picture.findings).toMatchObject([{ code: 'manifest-syntax', origin: { file: join(folder, 'bad.yaml') } }]);
    expect(picture.findings[0]?.origin.line).toBe(line);
  });

  test('20,000 keys in one mapping are read in linear time', async () => {
    await write(
      'a.yaml',
      `${manifest('a')}data:\n${Array.from({ length: 20_000 }, (_, i) => `  k${i}: v\n`).join('')}`,
    );
    expect(namesOf(await read())).toEqual(['a']);
  }, 5000);

  test('a file that is too large, not UTF-8, or no file at all', async () => {
    await write('large.yaml', '#');
    await truncate(join(folder, 'large.yaml'), MAX_MANIFEST_OCTETS + 1);
    await write('latin1.yaml', Uint8Array.of(0x61, 0x3a, 0x20, 0xfc));
    await symlink('loop.yaml', join(folder, 'loop.yaml'));
    await symlink('/dev/zero', join(folder, 'zero.yaml'));
    const picture = await read();
    expect(picture.findings.map(({ code, origin }) => [origin.file.replace(`${folder}/`, ''), code])).toEqual([
      ['large.yaml', 'manifest-too-large'],
      ['latin1.yaml', 'manifest-unreadable'],
      ['loop.yaml', 'manifest-unreadable'],
      ['zero.yaml', 'manifest-unreadable'],
    ]);
  });

  test('a link to a folder is followed inside only, and not in circles', async () => {
    await write('real/a.yaml', manifest('a'));
    await mkdir(join(root, 'outside'));
    await writeFile(join(root, 'outside', 'b.yaml'), manifest('b'));
    await symlink('../outside', join(folder, 'outside'));
    await symlink('..', join(folder, 'real', 'circle'));
    expect(namesOf(await read())).toEqual(['a']);
  });

  test('more objects than a cluster may have end in a finding, and what was read before them stays', async () => {
    const documents = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n---\n'.repeat(1000);
    await write('a.yaml', documents);
    await write('b.json', `{"kind": "List", "items": [${'{},'.repeat(MAX_OBJECTS - 1000)}{}]}`);
    const picture = await read();
    expect(picture.objects).toHaveLength(1000);
    expect(picture.findings).toMatchObject([{ code: 'manifest-too-large', origin: { file: folder } }]);
  });
});

test('a reader hands over the very same picture where nothing changed', async () => {
  await write('a.yaml', manifest('a'));
  const reader = createPictureReader('eu', folder, pool);
  const first = await reader.read();
  expect(await reader.read()).toBe(first);
  await write('a.yaml', manifest('b'));
  expect(namesOf(await reader.read())).toEqual(['b']);
});

describe('what is watched', () => {
  let album: PictureAlbum;
  let source: Source;
  const start = async (clock: Clock = SYSTEM_CLOCK): Promise<void> => {
    album = createAlbum();
    source = createFileSource({ clusters: [{ cluster: 'eu', directory: folder }], clock, debounceMs: DEBOUNCE });
    await source.start(album.sink);
  };
  const withFinding = (code: string) => album.until(({ findings }) => findings.some((each) => each.code === code));
  afterEach(() => source.close());

  test('a folder that is missing at the start and comes later', async () => {
    await start();
    expect(album.last('eu')).toMatchObject({ objects: [], findings: [{ code: 'manifest-unreadable' }] });
    await write('deep/down/a.yaml', manifest('a'));
    expect((await album.until(shows('eu', 'a'))).findings).toEqual([]);
  });

  test('a folder that disappears leaves its last objects, with a finding', async () => {
    await write('a.yaml', manifest('a'));
    await start();
    await rename(folder, `${folder}-gone`);
    expect(namesOf(await withFinding('manifest-unreadable'))).toEqual(['a']);
    await write('b.yaml', manifest('b'));
    await album.until(shows('eu', 'b'));
  });

  test('a file that turns broken keeps its last good objects until it is mended or deleted', async () => {
    await write('a.yaml', manifest('a'));
    await write('b.yaml', manifest('b'));
    await start();
    await write('a.yaml', 'kind: [');
    const broken = await withFinding('manifest-syntax');
    expect(namesOf(broken)).toEqual(['a', 'b']);
    expect(broken.findings[0]?.origin).toEqual({ file: join(folder, 'a.yaml'), line: 1 });
    await write('b.yaml', manifest('b2'));
    await album.until(shows('eu', 'a', 'b2'));
    await write('a.yaml', manifest('a2'));
    expect((await album.until(shows('eu', 'a2', 'b2'))).findings).toEqual([]);
    await rm(join(folder, 'a.yaml'));
    await album.until(shows('eu', 'b2'));
  });

  test('the rename by which editors save', async () => {
    await write('a.yaml', manifest('a'));
    await start();
    await write('.a.yaml.swp', manifest('a2'));
    await rename(join(folder, '.a.yaml.swp'), join(folder, 'a.yaml'));
    await album.until(shows('eu', 'a2'));
    expect(album.pictures.map(namesOf)).toEqual([['a'], ['a2']]);
  });

  test('a mounted ConfigMap that is swapped, again and again', async () => {
    await write('..v0/a.yaml', manifest('a0'));
    await write('..v0/sub/b.yaml', manifest('b0'));
    await symlink('..v0', join(folder, '..data'));
    await symlink('..data/a.yaml', join(folder, 'a.yaml'));
    await symlink('..data/sub', join(folder, 'sub'));
    await start();
    expect(namesOf(album.last('eu'))).toEqual(['a0', 'b0']);
    for (const version of [1, 2, 3]) {
      await write(`..v${version}/a.yaml`, manifest(`a${version}`));
      await write(`..v${version}/sub/b.yaml`, manifest(`b${version}`));
      await symlink(`..v${version}`, join(folder, '..tmp'));
      await rename(join(folder, '..tmp'), join(folder, '..data'));
      await rm(join(folder, `..v${version - 1}`), { recursive: true });
      await album.until(shows('eu', `a${version}`, `b${version}`));
    }
    expect(album.pictures.map(namesOf)).toEqual([0, 1, 2, 3].map((version) => [`a${version}`, `b${version}`]));
  });

  test('a folder that is a link, written through and set anew, as git-sync does', async () => {
    await mkdir(join(root, 'one'));
    await writeFile(join(root, 'one', 'a.yaml'), manifest('a'));
    await symlink('one', folder);
    await start();
    await writeFile(join(root, 'one', 'a.yaml'), manifest('a2'));
    await album.until(shows('eu', 'a2'));
    await cp(join(root, 'one'), join(root, 'two'), { recursive: true });
    await writeFile(join(root, 'two', 'b.yaml'), manifest('b'));
    await symlink('two', join(root, 'tmp'));
    await rename(join(root, 'tmp'), folder);
    await album.until(shows('eu', 'a2', 'b'));
    await writeFile(join(root, 'two', 'b.yaml'), manifest('b2'));
    await album.until(shows('eu', 'a2', 'b2'));
  });

  test('a large file is parsed on a thread', async () => {
    await write('a.yaml', manifest('a') + '#\n'.repeat(MAX_INLINE_OCTETS));
    await start();
    expect(namesOf(album.last('eu'))).toEqual(['a']);
    await write('a.yaml', manifest('a2') + '#\n'.repeat(MAX_INLINE_OCTETS));
    await album.until(shows('eu', 'a2'));
  });

  test('changes wait until the files are quiet, but not for ever, and are looked for without events, too', async () => {
    let now = 0;
    const timers: { readonly ms: number; readonly task: () => void; cancelled: boolean }[] = [];
    const armed = new Set<(ms: number) => void>();
    const clock: Clock = {
      now: () => now,
      after(ms, task) {
        const timer = { ms, task, cancelled: false };
        timers.push(timer);
        for (const look of armed) look(ms);
        return () => {
          timer.cancelled = true;
        };
      },
    };
    const nextTimer = () => new Promise<number>((resolve) => armed.add(resolve));
    await write('a.yaml', manifest('a'));
    const first = nextTimer();
    await start(clock);
    expect(await first).toBe(DEBOUNCE);
    now = MAX_DEBOUNCE_MS - 5;
    const next = nextTimer();
    await write('a.yaml', manifest('a2'));
    expect(await next).toBe(5);
    expect(timers.filter(({ cancelled }) => !cancelled)).toHaveLength(1);
    timers.findLast(({ cancelled }) => !cancelled)?.task();
    await album.until(shows('eu', 'a2'));
    expect(timers.map(({ ms }) => ms)).toContain(RECHECK_MS);
  });
});

describe('the threads that read', () => {
  /** Takes the exact reader many seconds: its items are aliases. */
  const SLOW = `- &a x\n${'- *a\n'.repeat(800_000)}`;
  const read = async (from: ReadingPool, name: string, text: string) => {
    await write(name, text);
    const path = join(folder, name);
    return from.read({ path, octets: Buffer.byteLength(text), file: name }, 'thread', []);
  };

  test('are ended where a file takes too long, and the next file is read all the same', async () => {
    const hasty = createReadingPool(1500);
    const slow = await read(hasty, 'slow.yaml', SLOW);
    expect(slow.ending).toMatchObject({
      kind: 'broken',
      reason: expect.stringMatching(/^It takes over \d+ ms to parse$/),
    });
    expect((await read(hasty, 'a.yaml', manifest('a'))).objects).toMatchObject([{ kind: 'HTTPRoute', name: 'a' }]);
    await hasty.close();
  });

  test('settle what they read when they are closed, and read no more', async () => {
    await write('slow.yaml', SLOW);
    const reading = pool.read({ path: join(folder, 'slow.yaml'), octets: SLOW.length, file: '' }, 'thread', []);
    await pool.close();
    expect((await reading).ending.kind).toBe('unreadable');
    expect((await read(pool, 'a.yaml', manifest('a'))).ending.kind).toBe('unreadable');
  });
});

describe('a file that changes', () => {
  const list = (...names: readonly string[]) =>
    `{\n  "apiVersion": "v1",\n  "kind": "List",\n  "items": [\n${names.map((name) => `    {\n${FIELDS},\n      "metadata": { "name": "${name}" }\n    }`).join(',\n')}\n  ]\n}\n`;
  const FIELDS = '      "apiVersion": "gateway.networking.k8s.io/v1",\n      "kind": "HTTPRoute"';

  test('leaves the objects as they are, to the very same, that it did not change', async () => {
    await write('a.json', list('a', 'b', 'c'));
    const reader = createPictureReader('eu', folder, pool);
    const [a, , c] = (await reader.read()).objects;
    await write('a.json', list('a', 'x', 'c'));
    const after = await reader.read();
    expect(namesOf(after)).toEqual(['a', 'x', 'c']);
    expect(after.objects[0]).toBe(a);
    expect(after.objects[2]).toBe(c);
  });

  test('shows the new line of what moved', async () => {
    await write('a.json', list('a', 'b'));
    const reader = createPictureReader('eu', folder, pool);
    await reader.read();
    await write('a.json', list('b', 'a'));
    expect((await reader.read()).objects.map(({ name, origin }) => [name, origin.line])).toEqual([
      ['b', 5],
      ['a', 10],
    ]);
  });

  test('and means the same hands over the very same list', async () => {
    await write('a.json', list('a', 'b'));
    const reader = createPictureReader('eu', folder, pool);
    const before = await reader.read();
    await write('a.json', `${list('a', 'b')}\n`);
    expect((await reader.read()).objects).toBe(before.objects);
  });

  test('and is large keeps what only moved, too', async () => {
    const padding = `${' '.repeat(MAX_EXACT_OCTETS)}\n`;
    await write('a.json', list('a', 'b') + padding);
    const reader = createPictureReader('eu', folder, pool);
    const [a, b] = (await reader.read()).objects;
    await write('a.json', list('new', 'a', 'b') + padding);
    const after = await reader.read();
    expect(namesOf(after)).toEqual(['new', 'a', 'b']);
    expect(after.objects[1]).toBe(a);
    expect(after.objects[2]).toBe(b);
  });
});
