import { DEFAULTS } from './annotations/defaults.ts';
import type { Annotated } from './annotations/setting.ts';
import type { Attachment } from './gateway-api/attach.ts';
import type { BackingBook } from './gateway-api/backing-book.ts';
import { originOf } from './gateway-api/metadata.ts';
import { againstAttachment, againstBackends, type Objection } from './gateway-api/objections.ts';
import type { Route } from './gateway-api/routes.ts';
import type { ConditionsMode, Unready } from './model.ts';
import { choose, SILENT } from './precedence.ts';
import type { Report } from './report.ts';

/** What is made of conditions where these objects have a say, the most specific first. */
export function modeOf(sources: readonly Annotated[], fallback: ConditionsMode | undefined): ConditionsMode {
  return choose('conditions', sources, SILENT)?.value ?? fallback ?? DEFAULTS.conditions;
}

/** The first objection that counts, where conditions are required. */
export function unreadyBy(objections: readonly Objection[], mode: ConditionsMode): Unready | undefined {
  if (mode !== 'require') return undefined;
  return objections.find(({ weight }) => weight === 'counts')?.says;
}

/** An attachment, and why it is not ready where conditions are required. */
export type Judged = Attachment & { readonly unready?: Unready };

/** What the attachments of a Route are judged by. */
type Jury = {
  readonly route: Route;
  readonly settings: Annotated | undefined;
  readonly backing: BackingBook;
  readonly conditions: ConditionsMode | undefined;
  readonly report: Report;
};

/** Judges the attachments of a Route, and says what speaks against the Route itself. */
export function judgeAttachments(attachments: readonly Attachment[], jury: Jury): readonly Judged[] {
  const { route, settings, backing, conditions, report } = jury;
  const general = againstBackends(route, backing);
  const isCalm = ({ opening, parent }: Attachment): boolean =>
    opening.objections.length === 0 && parent.unmet === undefined;
  if (general.length === 0 && attachments.every(isCalm)) return attachments;
  return attachments.map((attachment) => {
    const { opening, parent } = attachment;
    const { sources } = opening.holder.front;
    const mode = modeOf(settings === undefined ? sources : [settings, ...sources], conditions);
    const own = [...againstAttachment(route, parent), ...general];
    sayObjections(own, mode, report);
    const unready = unreadyBy([...opening.objections, ...own], mode);
    return unready === undefined ? attachment : { ...attachment, unready };
  });
}

/** Says what speaks against objects, unless nobody wants to know. */
export function sayObjections(objections: readonly Objection[], mode: ConditionsMode, report: Report): void {
  if (mode === 'ignore') return;
  for (const { weight, says, at } of objections) {
    const { reason } = says;
    if (weight === 'stale') report.add('condition-stale', originOf(at), `${reason}, said of an older generation`);
    else report.add('condition-not-met', originOf(at), reason, suggestion(weight, mode));
  }
}

function suggestion(weight: Objection['weight'], mode: ConditionsMode): string {
  return weight === 'counts' && mode === 'require'
    ? '`conditions: require` keeps it out of the answers'
    : 'see the controller; `conditions: require` would keep what is not ready out of the answers';
}
