import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

/** Where Debian's package, or somebody, put it; undefined where it is not installed. */
export const PROMETHEUS = ['/usr/bin/prometheus', '/usr/local/bin/prometheus'].find((path) => existsSync(path));

/** One series of an answer, at the moment that was asked for. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** A rule of ours; `unknown` health: not worked out yet. */
type Rule = { readonly name: string; readonly health: 'ok' | 'err' | 'unknown'; readonly lastError?: string };

/** A Prometheus of our own. */
export type OwnPrometheus = {
  /** What an expression gives now. Rejects where it is refused. */
  ask(expr: string): Promise<readonly Sample[]>;
  /** The rules that were worked out, by their names, and why they could not be, where that is so. */
  rules(): Promise<readonly Rule[]>;
  stop(): Promise<void>;
};

/** Starts it with the configuration `prometheus.yml` of a folder, in which its data are. */
export async function startPrometheus(program: string, folder: string): Promise<OwnPrometheus> {
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const at = `http://127.0.0.1:${port}`;
  try {
    await eventually(async () => {
      const answer = await fetch(`${at}/-/ready`);
      if (!answer.ok) throw new Error(`Prometheus is not ready: ${answer.status}`);
    });
  } catch (error) {
    await ended(child);
    throw error;
  }
  return {
    async ask(expr) {
      const answer = await fetch(`${at}/api/v1/query?query=${encodeURIComponent(expr)}`);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${expr}: ${text}`);
      const { data }: QueryAnswer = JSON.parse(text);
      return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
    },
    async rules() {
      const answer = await fetch(`${at}/api/v1/rules`);
      const { data }: RulesAnswer = JSON.parse(await answer.text());
      return data.groups.flatMap(({ rules }) => rules);
    },
    stop: () => ended(child),
  };
}

type QueryAnswer = {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
};

type RulesAnswer = { readonly data: { readonly groups: readonly { readonly rules: readonly Rule[] }[] } };

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
