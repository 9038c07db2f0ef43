import { describe, expect, it } from 'vitest';
import { outlook } from '../../../../src/core/plan/outlook.ts';
import type { QueryMix } from '../../../../src/core/plan/query-mix.ts';
import { hostname } from '../snapshot/build.ts';
import {
  at,
  losing,
  mixOf,
  near,
  network,
  placeTable,
  QUARTERS,
  round,
  sharesText,
  troublesText,
  worldOf,
} from './worlds.ts';

describe('a plan by queries', () => {
  it('weighs places by what is asked from them, and hostnames by what is asked for them', () => {
    const world = worldOf([near('a.example'), near('b.example', [at('asia')])]);
    const mix = mixOf({ 'a.example': 3, 'b.example': 1 }, { 1: 3, 3: 1 });
    const found = losing(world, ['eu'], { mix });
    // Three quarters of a.example are in Frankfurt, next to Virginia; nobody asks from there.
    expect(sharesText(found)).toEqual(['eu 0.5625 → 0', 'us 0 → 0.5625', 'asia 0.4375 → 0.4375']);
    expect(round(found.moved)).toBe(0.5625);
    expect(found.worst.map(({ name, asked, moved }) => [name, asked, moved])).toEqual([['a.example', 0.75, 0.75]]);
  });

  it('does not count hostnames that nobody asks for, and tells their troubles all the same', () => {
    const world = worldOf([near('a.example', [at('eu')]), near('b.example')]);
    const found = losing(world, ['eu'], { mix: mixOf({ 'b.example': 1 }, { 2: 1 }) });
    expect(sharesText(found)).toEqual(['us 1 → 1']);
    expect(found).toMatchObject({ moved: 0, nobody: { before: 0, after: 0 }, verdict: 'harm' });
    expect(troublesText(found)[0]).toBe('no-cluster 1 (0): a.example');
    expect(found.worst[0]).toMatchObject({ name: 'a.example', asked: 0 });
  });

  it('has clients of no known place as a group of their own', () => {
    const weighted = hostname('a.example', {}, [at('eu', { weight: 3 }), at('us', { weight: 1 })]);
    const world = worldOf([near('b.example'), weighted]);
    const mix = mixOf({ 'a.example': 1 }, { 0: 1 });
    expect(sharesText(outlook(world, world, { listed: 1, mix }))).toEqual(['eu 0.75 → 0.75', 'us 0.25 → 0.25']);
    const both = losing(world, [], { mix: mixOf({ 'b.example': 1 }, { 0: 1, 3: 1 }) });
    expect(both.clusters.find(({ cluster }) => cluster === 'asia')?.before).toBeGreaterThanOrEqual(0.5);
  });

  it('lists hostnames by how many questions move', () => {
    const world = worldOf([
      near('all.example', [at('eu'), at('us')]),
      near('half.example', [at('eu', { weight: 50 }), at('us')]),
    ]);
    const mix = mixOf({ 'all.example': 1, 'half.example': 9 }, { 1: 1 });
    expect(losing(world, ['eu'], { mix }).worst.map(({ name }) => name)).toEqual(['half.example', 'all.example']);
  });

  it('counts hostnames alike in a world in which nobody asks for any', () => {
    const before = worldOf([near('a.example')]);
    const after = worldOf([near('b.example'), near('c.example', [at('asia')])]);
    const found = outlook(before, after, { listed: 1, mix: mixOf({ 'a.example': 5 }, { 1: 1 }) });
    expect(sharesText(found)).toEqual(['eu 1 → 0.5', 'asia 0 → 0.5']);
  });

  it('divides what comes from places that are not counted each by their addresses', () => {
    const world = worldOf([near('a.example')]);
    // Frankfurt is counted; Virginia's 512 addresses and Tokyo's 256 are beyond.
    const mix: QueryMix = { ...mixOf({ 'a.example': 1 }, { 1: 1 }), counted: 2, others: 3 };
    expect(sharesText(outlook(world, world, { listed: 1, mix }))).toEqual([
      'eu 0.25 → 0.25',
      'us 0.5 → 0.5',
      'asia 0.25 → 0.25',
    ]);
  });

  it('divides what comes from one place by addresses where the location data part it', () => {
    const before = worldOf([near('a.example')]);
    const [, frankfurt, virginia, tokyo] = QUARTERS.places;
    const places = placeTable(
      [frankfurt!, virginia!, tokyo!],
      [network(0x0a000000, 24, 1), network(0x0b000000, 24, 2), network(0x0b000100, 24, 3), network(0xfe000000, 24, 3)],
    );
    const found = outlook(before, worldOf([near('a.example')], { places }), {
      listed: 1,
      mix: mixOf({ 'a.example': 1 }, { 2: 1 }),
    });
    expect(sharesText(found)).toEqual(['us 1 → 0.5', 'asia 0 → 0.5']);
    expect(round(found.moved)).toBe(0.5);
  });

  it('goes by addresses where questions came only from places without any', () => {
    const world = worldOf([near('a.example')]);
    const found = outlook(world, world, { listed: 1, mix: mixOf({ 'a.example': 1 }, { 77: 1 }) });
    expect(sharesText(found)).toEqual(['eu 0.25 → 0.25', 'us 0.5 → 0.5', 'asia 0.25 → 0.25']);
  });
});
