import { EVERYWHERE } from '../area.ts';
import { deepFreeze } from '../freeze.ts';
import type { SettingKey, SettingValues } from './setting.ts';
import { ANNOTATIONS } from './table.ts';

/** What holds where nothing is set: the texts of the table, read by its own parsers. The configuration has the probes'. */
export const DEFAULTS = deepFreeze({
  steering: parsed('steering'),
  sticky: parsed('sticky'),
  'nearest-band': parsed('nearest-band'),
  weight: parsed('weight'),
  tier: parsed('tier'),
  residency: EVERYWHERE,
  serves: EVERYWHERE,
  bias: parsed('bias'),
  answers: parsed('answers'),
  /** Under `steering: multivalue`. */
  multivalueAnswers: 8,
  ttl: parsed('ttl'),
  'stable-ttl': parsed('stable-ttl'),
  'min-healthy': parsed('min-healthy'),
  'last-resort': parsed('last-resort'),
  drain: parsed('drain'),
  conditions: parsed('conditions'),
  'probe-expect': parsed('probe-expect'),
});

function parsed<K extends SettingKey>(key: K): SettingValues[K] {
  const value = ANNOTATIONS[key].parse(ANNOTATIONS[key].default);
  // A mistake in the table, which shows when the process starts and never later.
  if (value === undefined) throw new TypeError(`the default of ${key} does not parse`);
  return value;
}
