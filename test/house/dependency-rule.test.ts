import { describe, expect, it } from 'vitest';
import { type SourceFile, sourceFiles, withoutComments } from './source-tree.ts';

const STAGES = ['desired', 'health', 'orders', 'rollout', 'steering', 'snapshot', 'plan', 'drill'];
/** What rooms implement: they speak of all stages. */
const PORTS = ['src/core/ports.ts', 'src/core/dns-ports.ts'];
/** Files at the entrance: they may know more than one room. */
const ENTRANCE = ['src/main.ts', 'src/compose/', 'src/cli/'];

const files = sourceFiles('src');
const outside = (file: SourceFile, allowed: (target: string) => boolean): string[] =>
  file.imports.filter((target) => !allowed(target)).map((target) => `${file.path} → ${target}`);
const roomOf = (path: string): string =>
  path.startsWith('src/sources/') ? path.split('/').slice(0, 3).join('/') : path.split('/').slice(0, 2).join('/');

describe('the dependency rule of src/README.md', () => {
  it('looks at the whole house', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(200);
  });

  it('1. core imports nothing outside core', () => {
    const core = files.filter((file) => file.path.startsWith('src/core/'));
    expect(core.flatMap((file) => outside(file, (target) => target.startsWith('src/core/')))).toEqual([]);
  });

  it('1. core reads no clock, no chance and no environment', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bprocess\.|\bconsole\.|\bsetTimeout\b|\bfetch\(/;
    const core = files.filter((file) => file.path.startsWith('src/core/'));
    expect(core.filter((file) => impure.test(withoutComments(file.text))).map((file) => file.path)).toEqual([]);
  });

  it('2. a stage of core imports only stages to its left', () => {
    const wrong = files
      .filter((file) => file.path.startsWith('src/core/') && !PORTS.includes(file.path))
      .flatMap((file) =>
        outside(file, (target) => {
          const [from, to] = [stageOf(file.path), stageOf(target)];
          return to >= 0 && to <= from;
        }),
      );
    expect(wrong).toEqual([]);
  });

  it('3. a room imports core and itself, never another room', () => {
    const rooms = files.filter(
      (file) => file.path.split('/').length > 2 && !file.path.startsWith('src/core/') && !isEntrance(file.path),
    );
    const wrong = rooms.flatMap((file) =>
      outside(
        file,
        (target) =>
          !target.startsWith('src/') || target.startsWith('src/core/') || roomOf(target) === roomOf(file.path),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('4. rooms meet only in compose/; the director and the lifecycle import core alone', () => {
    const inner = files.filter((file) => file.path === 'src/director.ts' || file.path === 'src/lifecycle.ts');
    expect(inner).toHaveLength(2);
    expect(inner.flatMap((file) => outside(file, (target) => target.startsWith('src/core/')))).toEqual([]);
    const meeting = [
      'src/resolver/',
      'src/prober/',
      'src/dns/',
      'src/gauges/',
      'src/geo/',
      'src/admin/',
      'src/metrics/',
      'src/state/',
      'src/sources/',
    ];
    const elsewhere = files
      .filter((file) => !file.path.startsWith('src/compose/') && !meeting.some((room) => file.path.startsWith(room)))
      .flatMap((file) => outside(file, (target) => !meeting.some((room) => target.startsWith(room))));
    expect(elsewhere).toEqual([]);
  });

  it('nothing in src imports tests or examples', () => {
    const wrong = files.flatMap((file) => outside(file, (target) => !/^(test|examples|scripts|bench)\//.test(target)));
    expect(wrong).toEqual([]);
  });
});

function stageOf(path: string): number {
  return STAGES.indexOf(path.split('/')[2] ?? '');
}

function isEntrance(path: string): boolean {
  return ENTRANCE.some((entrance) => path.startsWith(entrance));
}
