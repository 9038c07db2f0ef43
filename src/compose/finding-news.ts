import type { Finding } from '../core/desired/finding.ts';

/**
 * Tells each finding once: when it appears, and again only after it was gone; and, who asks for it, when it is gone. Returns
 * what takes all findings that stand now.
 */
export function createFindingNews(
  tell: (findings: readonly Finding[]) => void,
  tellGone?: (findings: readonly Finding[]) => void,
): (all: readonly Finding[]) => void {
  let told: ReadonlyMap<string, Finding> = new Map();
  return (all) => {
    const standing = new Map(all.map((finding) => [JSON.stringify(finding), finding]));
    const news = [...standing].filter(([text]) => !told.has(text)).map(([, finding]) => finding);
    const gone = [...told].filter(([text]) => !standing.has(text)).map(([, finding]) => finding);
    told = standing;
    if (news.length > 0) tell(news);
    if (gone.length > 0) tellGone?.(gone);
  };
}
