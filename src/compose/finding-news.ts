import type { Finding } from '../core/desired/finding.ts';

/**
 * Tells each finding once: when it appears, and again only after it was gone. Returns what takes all findings that stand
 * now.
 */
export function createFindingNews(tell: (findings: readonly Finding[]) => void): (all: readonly Finding[]) => void {
  let told = new Set<string>();
  return (all) => {
    const standing = new Map(all.map((finding) => [JSON.stringify(finding), finding]));
    const news = [...standing].filter(([text]) => !told.has(text)).map(([, finding]) => finding);
    told = new Set(standing.keys());
    if (news.length > 0) tell(news);
  };
}
