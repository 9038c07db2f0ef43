import type { SettingKey } from '../core/desired/annotations/setting.ts';
import { ANNOTATIONS, isSettingKey } from '../core/desired/annotations/table.ts';
import type { ClusterSpec, Declaration } from '../core/desired/model.ts';
import { nearest } from '../core/desired/suggest.ts';
import { UsageError } from './command.ts';

/** One `--set`: an annotation of a cluster's entry in the configuration, without its prefix. */
export type Setting = { readonly cluster: string; readonly key: SettingKey; readonly value: string };

/** Reads `CLUSTER/KEY=VALUE`. All annotations take effect there. Throws a UsageError where there is no such annotation or value. */
export function readSetting(text: string): Setting {
  const [, cluster, key, written] = /^([^/=]+)\/([^=]+)=(.*)$/s.exec(text) ?? [];
  if (cluster === undefined || key === undefined || written === undefined) {
    throw new UsageError(`--set needs CLUSTER/KEY=VALUE, such as eu-west/weight=0, not "${text}".`);
  }
  if (!isSettingKey(key)) {
    const meant = nearest(key, Object.keys(ANNOTATIONS));
    const hint =
      meant === undefined ? `Annotations: ${Object.keys(ANNOTATIONS).join(', ')}.` : `Did you mean "${meant}"?`;
    throw new UsageError(`--set: there is no annotation "${key}". ${hint}`);
  }
  const { parse, form } = ANNOTATIONS[key];
  const value = written.trim();
  if (parse(value) === undefined) throw new UsageError(`--set: ${key} is ${form}, not "${value}".`);
  return { cluster, key, value };
}

/** The declaration with these annotations, later ones over earlier ones. Throws a UsageError for a cluster it has not. */
export function withSettings(declaration: Declaration, settings: readonly Setting[]): Declaration {
  const names = declaration.clusters.map(({ name }) => name);
  for (const { cluster } of settings) refuseUnknown(cluster, names, '--set');
  const clusters = declaration.clusters.map((spec): ClusterSpec => {
    const own = settings.filter(({ cluster }) => cluster === spec.name).map(({ key, value }) => [key, value] as const);
    return own.length === 0 ? spec : { ...spec, annotations: { ...spec.annotations, ...Object.fromEntries(own) } };
  });
  return { ...declaration, clusters };
}

/** Throws a UsageError where there is no such cluster. */
export function refuseUnknown(cluster: string, known: readonly string[], option: string): void {
  if (known.includes(cluster)) return;
  const meant = nearest(cluster, known);
  const hint = meant === undefined ? `Clusters: ${known.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new UsageError(`${option}: there is no cluster "${cluster}". ${hint}`);
}
