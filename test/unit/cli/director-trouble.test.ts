import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { eventually } from '../../support/eventually.ts';
import { type Admin, READ, startAdmin } from '../admin/admin-fixture.ts';
import { createDrillsWorld, type DrillsWorld, specOf } from '../core/drill/world.ts';

const MAIN = join(ROOT, 'src/main.ts');
const ENV: NodeJS.ProcessEnv = { ...process.env, AZIMUTH_ADMIN_TOKEN: READ, NO_COLOR: '1' };

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function azimuth(...args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, [MAIN, ...args], { env: ENV, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

describe('who answers, and is not what was looked for', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  };

  it('is no director: it is said, and nothing is shown', async () => {
    const url = await serve((_, response) => response.end('<html></html>'));
    for (const command of [['status'], ['drill', 'watch', 'd'], ['override', 'list']]) {
      const ended = await azimuth(...command, '--admin', url);
      expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is no director') });
    }
  });

  it('is an older director, which lacks the path', async () => {
    const url = await serve((_, response) => {
      response.writeHead(404, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ status: 404, code: 'not-found', detail: 'There is nothing here.' }));
    });
    const ended = await azimuth('drill', 'list', '--admin', url);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^azimuth: There is nothing here\. \(not-found\) It may be older than this CLI \(\d/);
  });

  it('is an older director, which knows no drills: its status is shown without', async () => {
    const url = await serve(({ url: path }, response) => {
      const clusters = { items: [{ name: 'eu-west', gateways: [], endpoints: {}, drain: null, share: 1 }] };
      response.end(JSON.stringify(path === '/v1/status' ? { ready: true, version: '0.0.1' } : clusters));
    });
    const ended = await azimuth('status', '--admin', url);
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Azimuth 0.0.1  ready') });
    expect(ended.stdout).not.toContain('drill');
  });

  it('begins to answer and does not go on: it is not waited for without end', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{ "items": [');
    });
    const ended = await azimuth('drill', 'list', '--admin', url);
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('did not answer within 5 s') });
  });

  it('speaks plain HTTP where TLS is asked for', async () => {
    const url = await serve((_, response) => response.end('{}'));
    const ended = await azimuth('status', '--admin', url.replace('http:', 'https:'));
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('try http://, without TLS') });
  });
});

/** A program of util-linux that gives a command a terminal of its own. */
const SCRIPT = 'script';
const hasTerminal = spawnSync(SCRIPT, ['-qefc', 'true', '/dev/null']).status === 0;
/** Hides the cursor, and shows it again. */
const [HIDDEN, SHOWN] = ['\u001b[?25l', '\u001b[?25h'];

describe.skipIf(!hasTerminal)('what goes on until it is interrupted, on a terminal (skipped without script)', () => {
  let world: DrillsWorld;
  let admin: Admin;
  beforeAll(async () => {
    world = await createDrillsWorld();
    admin = await startAdmin({ director: world.director(), now: () => world.clock.now() });
    await world.director().drills.start(specOf(), 'ops', 'guarded');
    admin.events.publish({ type: 'drill', change: 'begun', subject: 'd', text: 'drill d begins', data: {} });
  });
  afterAll(async () => {
    await admin.server.close();
    world.close();
  });

  async function interrupted(command: string, until: string, size = 'rows 30 cols 100') {
    const line = `stty ${size}; exec "${process.execPath}" "${MAIN}" ${command} --admin http://127.0.0.1:${admin.port}`;
    const child = spawn(SCRIPT, ['-qefc', line, '/dev/null'], { env: { ...ENV, TERM: 'xterm' }, cwd: ROOT });
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => {
      told += String(chunk);
    });
    try {
      await eventually(() => expect(told).toContain(until));
      child.stdin.write('\u0003');
      const [code] = await once(child, 'close');
      return { code, told };
    } finally {
      child.kill();
    }
  }

  it('ends with 130 and gives the cursor back: drill watch', async () => {
    const { code, told } = await interrupted('drill watch d', 'drill d  drain  running');
    expect(code).toBe(130);
    expect(told).toContain(HIDDEN);
    expect(told.lastIndexOf(SHOWN)).toBeGreaterThan(told.lastIndexOf(HIDDEN));
  });

  it('is told in lines where the terminal does not tell its size: drill watch', async () => {
    const { code, told } = await interrupted('drill watch d', 'begun', 'rows 0 cols 0');
    expect([code, told.includes(HIDDEN)]).toEqual([130, false]);
  });

  it('is coloured on a terminal, and nowhere else nor where NO_COLOR is set: status, drill list', async () => {
    // Node takes a terminal of a CI for one without colours.
    const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...others } = ENV;
    const coloured = { ...others, TERM: 'xterm-256color' };
    const at = `--admin http://127.0.0.1:${admin.port}`;
    const shown = async (file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> => {
      const child = spawn(file, args, { env, cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
      return text(child.stdout);
    };
    for (const command of ['status', 'drill list']) {
      const line = ['-qefc', `"${process.execPath}" "${MAIN}" ${command} ${at}`, '/dev/null'];
      const piped = [MAIN, ...command.split(' '), ...at.split(' ')];
      expect(await shown(SCRIPT, line, coloured)).toContain('\u001b[');
      expect(await shown(SCRIPT, line, { ...coloured, NO_COLOR: '1' })).not.toContain('\u001b[');
      expect(await shown(process.execPath, piped, coloured)).not.toContain('\u001b[');
    }
  });

  it('ends with 130: events --follow', async () => {
    expect(await interrupted('events --follow', 'drill d begins')).toMatchObject({ code: 130 });
  });
});
