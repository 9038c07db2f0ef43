import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../house/source-tree.ts';

/** A program of ours as a process of its own; its output lines are kept. */
export type OwnProcess = {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves with the first line, past or future, that `matches` turns into a value. Rejects if the process ends first. */
  waitFor<T>(matches: (line: string) => T | undefined): Promise<T>;
  /** Ends it with SIGTERM and resolves with its exit code. */
  stop(): Promise<number | null>;
};

/** Starts a `.ts` file of the checkout on this Node. */
export function startOwn(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): OwnProcess {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const waiting = new Set<(line: string | undefined) => void>();
  const hear = (line: string | undefined): void => {
    if (line !== undefined) lines.push(line);
    for (const wake of waiting) wake(line);
  };
  createInterface({ input: child.stdout }).on('line', hear);
  createInterface({ input: child.stderr }).on('line', hear);
  child.on('exit', () => hear(undefined));

  return {
    child,
    lines,
    waitFor(matches) {
      const { promise, resolve, reject } = Promise.withResolvers<NonNullable<ReturnType<typeof matches>>>();
      const wake = (line: string | undefined): void => {
        const found = line === undefined ? undefined : matches(line);
        if (line === undefined) reject(new Error(`${file} ended:\n${lines.join('\n')}`));
        else if (found !== undefined && found !== null) resolve(found);
      };
      for (const line of lines) wake(line);
      waiting.add(wake);
      return promise.finally(() => waiting.delete(wake));
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

/** The value of a JSON log line's field, or undefined where the line is no such line. */
export function logField(line: string, message: string, field: string): unknown {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null || !('msg' in parsed) || parsed.msg !== message) return undefined;
    return new Map<string, unknown>(Object.entries(parsed)).get(field);
  } catch {
    return undefined;
  }
}
