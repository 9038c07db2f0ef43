import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../../src/dns/native/engine.ts';
import type { LoadedSystem } from '../../../../src/dns/native/system.ts';
import { NATIVE } from '../../../support/dns-server.ts';

const missing = (): LoadedSystem => ({ kind: 'unavailable', reason: 'koffi did not load: no such file' });

describe('the choice of the engine', () => {
  it.runIf(process.platform === 'linux')('is native by itself on Linux', () => {
    expect(chooseEngine('auto')).toMatchObject({ engine: 'native' });
  });

  it('is portable where that is configured, and then nothing is loaded', () => {
    const load = () => {
      throw new Error('loaded');
    };
    expect(chooseEngine('portable', load)).toEqual({ engine: 'portable', reason: 'as configured' });
  });

  it('falls back with the reason, or refuses where native is insisted on', () => {
    const reason = expect.stringContaining('koffi did not load: no such file');
    expect(chooseEngine('auto', missing)).toEqual({ engine: 'portable', reason });
    expect(chooseEngine('native', missing)).toEqual({ engine: 'refused', reason });
  });

  it.skipIf(NATIVE.engine !== 'native')('finds out that calls are forbidden, or do not do what they should', () => {
    if (NATIVE.engine !== 'native') return;
    const { calls } = NATIVE;
    const forbidden = { ...calls, receive: () => -1 };
    const deaf = { ...calls, send: () => 0 };
    const noSocket = { ...calls, socket: () => -13 };
    for (const broken of [forbidden, deaf]) {
      expect(chooseEngine('auto', () => ({ kind: 'loaded', calls: broken }))).toMatchObject({
        engine: 'portable',
        reason: expect.stringContaining('did not come back as sent'),
      });
    }
    expect(chooseEngine('auto', () => ({ kind: 'loaded', calls: noSocket }))).toMatchObject({
      engine: 'portable',
      reason: expect.stringContaining('EACCES'),
    });
  });
});
