/** A plan without a director: from configurations and what their sources hold, with everything taken as healthy. */
import { resolve } from 'node:path';
import type { Rehearsal, Rehearse } from '../compose/rehearse.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { allHealthy } from '../core/plan/healthy.ts';
import { withoutClusters } from '../core/plan/lose.ts';
import { outlook } from '../core/plan/outlook.ts';
import { compile } from '../core/snapshot/compile.ts';
import type { SnapshotInput } from '../core/snapshot/snapshot.ts';
import { UsageError } from './command.ts';
import { configText } from './config-text.ts';
import { refuseUnknown, type Setting, withSettings } from './plan-set.ts';

/** What is to be compared: two configuration files, which may be the same, and what is changed of the second. */
export type OfflineRequest = {
  readonly present: string;
  readonly next: string;
  readonly lose: readonly string[];
  readonly set: readonly Setting[];
  readonly listed: number;
  readonly load: number | undefined;
};

/** The plan as the admin API would tell it, but for what it goes by. Throws a UsageError for configurations that are none. */
export async function planOffline({ present, next, lose, set, listed, load }: OfflineRequest): Promise<object> {
  const configs = { before: await configOf(present), after: await configOf(next) };
  const isSame = resolve(present) === resolve(next);
  const rehearse = await readBoth(configs, isSame);
  const before = await rehearse.before(configs.before.declaration);
  const changed = withSettings(configs.after.declaration, set);
  const after = isSame && set.length === 0 ? before : await rehearse.after(changed);
  const names = new Set([...after.model.clusters, ...before.model.clusters].map(({ name }) => name));
  for (const cluster of lose) refuseUnknown(cluster, [...names], '--lose');
  const old = compile(inputOf(before));
  const found = outlook(old, compile(withoutClusters(inputOf(after), new Set(lose)), { ...old }), {
    listed,
    ...(load === undefined ? {} : { load }),
  });
  const errors = (of: Rehearsal): number => of.findings.filter(({ severity }) => severity === 'error').length;
  return {
    basis: {
      kind: 'configuration',
      before: present,
      after: next,
      errors: { before: errors(before), after: errors(after) },
    },
    lose,
    set: set.map(({ cluster, key, value }) => `${cluster}/${key}=${value}`),
    clients: { counted: 'ipv4-addresses', source: after.places.source },
    ...found,
  };
}

/** One reading for both where the files are one: nothing can change in between. */
async function readBoth(
  { before, after }: { readonly before: Config; readonly after: Config },
  isSame: boolean,
): Promise<{ readonly before: Rehearse; readonly after: Rehearse }> {
  const { readInput } = await import('../compose/rehearse.ts');
  const first = await readInput(before);
  return { before: first, after: isSame ? first : await readInput(after) };
}

function inputOf({ model, places }: Rehearsal): SnapshotInput {
  const now = Date.now();
  return { model, places, health: allHealthy(model, now), serial: 1, now };
}

async function configOf(file: string): Promise<Config> {
  const loaded = await loadConfig(file, process.env);
  if (loaded.kind === 'invalid') throw new UsageError(configText(loaded.problems));
  return loaded.config;
}
