import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readTokens } from '../../../src/admin/token-file.ts';
import { createTokenVerifier } from '../../../src/admin/tokens.ts';
import { readStream } from '../../../src/cli/event-stream.ts';
import type { NewEvent } from '../../../src/core/events.ts';
import { ROOT } from '../../house/source-tree.ts';
import { eventually } from '../../support/eventually.ts';
import { type Admin, OPERATE, READ, startAdmin } from '../admin/admin-fixture.ts';
import { authority, clientPair, serverPair, writeTls } from '../admin/tls-fixture.ts';

const event = (n: number, more: Partial<NewEvent> = {}): NewEvent => ({
  type: 'override',
  change: 'set',
  subject: `c${n}`,
  text: `c${n} is drained \u001b[2Jby ana`,
  data: { by: 'ana' },
  ...more,
});

let admin: Admin;
let folder = '';
const children: ChildProcess[] = [];
beforeAll(async () => {
  admin = await startAdmin();
  folder = await mkdtemp(join(tmpdir(), 'azimuth-cli-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});
afterAll(async () => {
  await admin.server.close();
  await rm(folder, { recursive: true });
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function run(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: READ, NO_COLOR: '1', ...more };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, [join(ROOT, 'src/main.ts'), ...args], { env, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

const at = () => ['--admin', `http://127.0.0.1:${admin.port}`];

describe('azimuth events', () => {
  it('tells the latest, a line each, and nothing of them reaches the terminal as a command', async () => {
    admin.events.publish(event(1));
    admin.events.publish(event(2, { type: 'snapshot', change: 'published', text: 'snapshot 7' }));
    const { code, stdout } = await run(['events', ...at()]);
    expect([code, stdout]).toEqual([
      0,
      '2026-11-22T12:00:00.000Z  override set  c1 is drained by ana\n2026-11-22T12:00:00.000Z  snapshot published  snapshot 7\n',
    ]);
    const json = await run(['events', ...at(), '--json', '--types', 'snapshot']);
    expect(JSON.parse(json.stdout)).toMatchObject({ type: 'snapshot', subject: 'c2' });
  });

  it('with --follow goes on, also after the director was away', async () => {
    const { port } = admin;
    const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), 'events', ...at(), '--follow', '--json'], {
      env: { ...process.env, AZIMUTH_ADMIN_TOKEN: READ },
      cwd: ROOT,
    });
    children.push(child);
    const subjects: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => subjects.push(JSON.parse(line).subject));
    let complaints = '';
    child.stderr.on('data', (chunk) => {
      complaints += String(chunk);
    });
    await eventually(() => expect(subjects).toEqual(['c1', 'c2']));
    await eventually(() => {
      admin.events.publish(event(3));
      expect(subjects.at(-1)).toBe('c3');
    });
    // The same port, and a log of its own that has not this reader's place.
    await admin.server.close();
    admin = await startAdmin({ listen: { host: '127.0.0.1', port }, now: () => Date.now() });
    await eventually(() => {
      admin.events.publish(event(4));
      expect(subjects.at(-1)).toBe('c4');
    });
    child.kill('SIGINT');
    await once(child, 'exit');
    // A line for what is wrong, and never a stack.
    expect(complaints).not.toMatch(/\n\s+at /);
  });

  it.each([
    [['events', 'x'], 2, 'takes no "x"'],
    [['events', '--types', 'nothing'], 1, 'request-invalid'],
  ])('%j is refused', async (args, code, expected) => {
    expect(await run([...args, ...at()])).toMatchObject({ code, stderr: expect.stringContaining(expected) });
  });
});

describe('azimuth token new', () => {
  it('makes a token once, and a line for the file that lets it in', async () => {
    const { code, stdout, stderr } = await run(['token', 'new', 'ops', '--scope', 'operate']);
    const token = stdout.trim();
    expect([code, token]).toEqual([0, expect.stringMatching(/^[\w-]{43}$/)]);
    expect(stderr).not.toContain(token);
    const entries = readTokens(stderr.split('\n').find((line) => line.startsWith('- ')) ?? '');
    expect(createTokenVerifier(entries).verify(token)).toEqual({ name: 'ops', scope: 'operate' });
  });

  it('--json has both, and a push token is bound to its monitors', async () => {
    const { stdout } = await run(['token', 'new', 'job', '--scope', 'push', '--monitor', 'batch', '--json']);
    const { token, entry } = JSON.parse(stdout);
    const sha256 = createHash('sha256').update(token).digest('hex');
    expect(entry).toEqual({ name: 'job', scope: 'push', monitors: ['batch'], sha256 });
  });

  it.each([
    [['token'], 'knows nothing but'],
    [['token', 'new', 'a b'], 'is no name'],
    [['token', 'new', 'a', '--scope', 'root'], '--scope is one of'],
    [['token', 'new', 'a', '--monitor', 'b'], 'goes with --scope push'],
  ])('%j is refused', async (args, expected) => {
    expect(await run(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(expected) });
  });
});

describe('the CLI over TLS', () => {
  it('trusts who it is told to, and shows its certificate', async () => {
    const ours = await authority('ours');
    const files = await writeTls(folder, await serverPair(ours), ours.pem);
    const tls = await startAdmin({
      tls: { ...files, clientCertificates: 'require' },
      clients: [{ name: 'ops.example', scope: 'operate' }],
    });
    const client = await clientPair(ours, { names: [{ type: 'dns', value: 'ops.example' }] });
    const [cert, key] = [join(folder, 'client.pem'), join(folder, 'client.key')];
    await writeFile(cert, client.cert);
    await writeFile(key, client.key);
    const url = `https://localhost:${tls.port}`;
    const none = { AZIMUTH_ADMIN_TOKEN: '' };
    const shown = await run(['breaker', '--admin', url, '--ca', files.caFile, '--cert', cert, '--key', key], none);
    expect(shown).toMatchObject({ code: 0, stdout: 'The prober is believed.\n' });
    const env = { ...none, AZIMUTH_ADMIN_URL: url, AZIMUTH_ADMIN_CA: files.caFile };
    const named = await run(['breaker'], { ...env, AZIMUTH_ADMIN_CERT: cert, AZIMUTH_ADMIN_KEY: key });
    expect(named.code).toBe(0);
    const untrusted = await run(['breaker', '--admin', url, '--cert', cert, '--key', key], none);
    expect(untrusted).toMatchObject({ code: 1, stderr: expect.stringContaining('no trust between us') });
    expect((await run(['breaker'], env)).code).toBe(1);
    await tls.server.close();
  });

  it('a director of this configuration needs no authority: its own certificate is known', async () => {
    const ours = await authority('ours');
    const own = await mkdtemp(join(folder, 'own-'));
    const files = await writeTls(own, await serverPair(ours));
    const tls = await startAdmin({ tls: { ...files, clientCertificates: 'none' } });
    const config = (port: number) => `
zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]
admin: { listen: "127.0.0.1:${port}", tls: { certificate: admin.pem, key: admin.key } }
`;
    const file = join(own, 'azimuth.yaml');
    await writeFile(file, config(tls.port));
    const asked = await run(['breaker', '--config', file], { AZIMUTH_ADMIN_TOKEN: OPERATE });
    expect(asked).toMatchObject({ code: 0, stdout: 'The prober is believed.\n' });
    // Another one of the same authority is not the one.
    const other = await startAdmin({
      tls: {
        ...(await writeTls(await mkdtemp(join(folder, 'other-')), await serverPair(ours))),
        clientCertificates: 'none',
      },
    });
    await writeFile(file, config(other.port));
    const refused = await run(['breaker', '--config', file], { AZIMUTH_ADMIN_TOKEN: OPERATE });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('no trust between us') });
    await Promise.all([tls.server.close(), other.server.close()]);
  });
});

describe('the reader of streams', () => {
  const read = async (...chunks: readonly string[]) => {
    async function* bytes() {
      for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
    }
    const events = [];
    for await (const each of readStream(bytes())) events.push(each);
    return events;
  };

  it('tells the place to come back to, also behind what is told with no event', async () => {
    async function* bytes() {
      yield Buffer.from('id: 7\n\nid: 8\ndata: x\n\n: alive\nid: 12\n\nid: 13\ndata: cut off');
    }
    const places: string[] = [];
    const events = [];
    for await (const each of readStream(bytes(), (id) => places.push(id))) events.push(each.id);
    expect([events, places]).toEqual([['8'], ['7', '8', '12']]);
  });

  it.each([
    ['one', ['id: 1\nevent: a\ndata: x\n\n'], [{ id: '1', name: 'a', data: 'x' }]],
    ['one in many pieces', 'id: 1\r\nevent: a\r\ndata: x\r\n\r\n'.split(''), [{ id: '1', name: 'a', data: 'x' }]],
    ['signs of life', [': alive\n\n', 'retry: 1\n\n', 'data: x\n\n'], [{ id: '', name: 'message', data: 'x' }]],
    ['several lines', ['data: x\ndata:y\n\n'], [{ id: '', name: 'message', data: 'x\ny' }]],
    ['an id that lasts', ['id: 1\ndata: x\n\ndata: y\n\n'], [{ data: 'x' }, { id: '1', data: 'y' }]],
    ['a cut one', ['data: x\n\ndata: y\n'], [{ data: 'x' }]],
    ['letters cut in two', ['data: \xc3', '\xa4\n\n'], [{ data: 'ä' }]],
  ])('%s', async (_what, chunks, expected) => {
    expect(await read(...chunks)).toMatchObject(expected);
  });

  it('a line without an end is not kept for ever', async () => {
    await expect(read('data: ', 'x'.repeat(1_100_000))).rejects.toThrow(/without an end/);
  });
});
