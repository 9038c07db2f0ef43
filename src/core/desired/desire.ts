import type { AnnotationContext } from './annotations/read.ts';
import { type Claim, claimsOf } from './claims.ts';
import { deepFreeze } from './freeze.ts';
import { readObjects } from './gateway-api/objects.ts';
import { merge } from './merge.ts';
import type { Declaration, Model } from './model.ts';
import { compareText } from './order.ts';
import type { Picture } from './picture.ts';
import { createReport } from './report.ts';

/**
 * What all clusters ask for, merged into one model. A pure function: the order of pictures and of their objects does not
 * matter, nothing in them makes it throw, and what is wrong with them is in `findings`. Pictures of clusters that are not
 * declared are passed over. The result is deeply frozen, and the declaration with it.
 */
export function desire(declaration: Declaration, pictures: readonly Picture[]): Model {
  const report = createReport();
  const { prefix, zones, clusters } = deepFreeze(declaration);
  const context: AnnotationContext = { prefix, clusters: new Set(clusters.map((cluster) => cluster.name)), report };
  const byCluster = Map.groupBy(pictures, (picture) => picture.cluster);
  const claims: Claim[] = [];
  for (const cluster of clusters.toSorted((a, b) => compareText(a.name, b.name))) {
    const own = byCluster.get(cluster.name) ?? [];
    for (const picture of own) report.addAll(picture.findings);
    const objects = readObjects(
      own.flatMap((picture) => picture.objects),
      report,
    );
    for (const claim of claimsOf(cluster, objects, context)) claims.push(claim);
  }
  const { hostnames, monitors } = merge(claims, declaration, report);
  return Object.freeze({ zones, clusters, hostnames, monitors, findings: deepFreeze(report.findings()) });
}
