import type { Peer } from './peer.ts';

/** The practical limit: a C program that only sends back what it gets. `program` is it, compiled, or why there is none. */
export function echo(program: { readonly path: string } | { readonly why: string }): Peer {
  return {
    id: 'echo',
    title: 'C echo (the limit)',
    speaks: 'echo',
    find: () =>
      'path' in program ? { kind: 'found', version: 'bench/generator/echo.c' } : { kind: 'missing', why: program.why },
    files: () => new Map(),
    command: ({ host, port }) => ('path' in program ? [program.path, host, `${port}`] : []),
  };
}
