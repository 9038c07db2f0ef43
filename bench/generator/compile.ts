import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A compiled program, or why there is none. */
export type Program = { readonly path: string } | { readonly why: string };

/** As make(1) does. */
const COMPILER = process.env['CC'] ?? 'cc';
/** Longest time that the compiler may take, in ms. */
const COMPILE_MS = 60_000;

/** Compiles a C file of this folder into another folder. */
export function compileC(name: 'load' | 'echo', into: string): Program {
  const path = join(into, name);
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const { error, status, stderr } = spawnSync(COMPILER, ['-O2', '-o', path, source], {
    encoding: 'utf8',
    timeout: COMPILE_MS,
  });
  if (error !== undefined) return { why: 'no C compiler (Debian: gcc libc6-dev)' };
  return status === 0 ? { path } : { why: `the compiler refused ${name}.c: ${stderr.slice(0, 300)}` };
}
