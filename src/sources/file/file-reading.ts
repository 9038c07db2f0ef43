import type { Finding } from '../../core/desired/finding.ts';
import { deepFreeze } from '../../core/desired/freeze.ts';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';
import { isSameList } from '../../core/desired/same-list.ts';
import { MAX_EXACT_OCTETS } from './limits.ts';
import type { ObjectPool } from './object-pool.ts';
import type { Ending, ManifestJob, Progress } from './translate-manifest.ts';
import { createKeeper } from './unchanged-objects.ts';

/** All that came of reading a file once. Objects count only where the ending is `read`. */
export type FileReading = {
  readonly ending: Ending;
  /** Frozen. Those of the last reading that did not change are the very same. */
  readonly objects: readonly GatewayApiObject[];
  readonly findings: readonly Finding[];
};

/** Puts the progress of one reading together. */
export type ReadingCollector = {
  /** The whole, with the ending. */
  hear(progress: Progress): FileReading | undefined;
  /** The whole where no ending will be heard. */
  end(ending: Ending): FileReading;
};

/** A collector that compares with the objects of the last reading. */
export function createCollector(
  { file, octets }: ManifestJob,
  before: readonly GatewayApiObject[],
  pool: ObjectPool,
): ReadingCollector {
  const rule = octets > MAX_EXACT_OCTETS ? 'line does not count' : 'line counts';
  const begin = () => ({
    unpack: pool.unpacker(),
    keep: createKeeper(before, rule),
    objects: [] as GatewayApiObject[],
    findings: [] as Finding[],
  });
  let state = begin();
  const end = (ending: Ending): FileReading => {
    const { objects, findings } = state;
    return { ending, objects: isSameList(objects, before) ? before : Object.freeze(objects), findings };
  };
  return {
    end,
    hear(progress) {
      if (progress.kind === 'ending') return end(progress.ending);
      if (progress.kind === 'restart') {
        state = begin();
        return undefined;
      }
      for (const object of state.unpack(progress.batch, file)) state.objects.push(state.keep(object));
      for (const finding of progress.batch.findings) state.findings.push(deepFreeze(finding));
      return undefined;
    },
  };
}
