import { COLLECTION_STYLE, EVENT_ID, type Event, SCALAR_STYLE } from 'js-yaml';

/** The offset of what an event does not have. */
const ABSENT = -1;
/** What may follow a closing quote or bracket on its line, in block style and within brackets. */
const BEHIND = { block: /[ \t]*(?:\r?\n|$|:|[ \t]#)/y, flow: /[ \t\r\n]*[:,\]}]|[ \t]+#/y } as const;
/** A document mark that does not begin its line, or a tab as indentation: at the very beginning js-yaml takes both. */
const ODD_INDENTATION = /^[ \t]+(?:---|\.\.\.)(?:\s|$)|^ *\t/m;
/** What may stand between the last value and the bracket that closes a collection. */
const TO_BRACKET = /[\s,:]*[\]}]/y;

/**
 * Throws on what js-yaml takes and the exact reader refuses or understands otherwise: anchors, aliases and tags; and words
 * that follow a closing quote or bracket in block style, which js-yaml 5.5.0 reads as if they began a line; and tabs and
 * document marks as indentation.
 */
export function refuseOdd(document: string, events: readonly Event[]): void {
  if (ODD_INDENTATION.test(document)) throw new Error('a tab or a document mark where neither belongs');
  /** Styles of the collections that are open. */
  const open: ('block' | 'flow')[] = [];
  /** Behind the last thing within brackets. */
  let end = 0;
  const close = (offset: number): void => {
    end = offset;
    if (!fits(BEHIND[open.at(-1) ?? 'block'], document, offset)) throw new Error('words behind a quote or a bracket');
  };
  for (const event of events) {
    if (event.type === EVENT_ID.ALIAS) throw new Error('an alias');
    if ('tagStart' in event && (event.tagStart !== ABSENT || event.anchorStart !== ABSENT)) throw new Error('a tag');
    if (event.type === EVENT_ID.DOCUMENT) open.push('block');
    else if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      open.push(event.style === COLLECTION_STYLE.FLOW ? 'flow' : 'block');
      end = event.start + 1;
    } else if (event.type === EVENT_ID.SCALAR) {
      const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      if (isQuoted) close(event.valueEnd + 1);
      else if (event.valueEnd !== ABSENT) end = event.valueEnd;
    } else if (open.pop() === 'flow') {
      if (!fits(TO_BRACKET, document, end)) throw new Error('a comment within brackets');
      close(TO_BRACKET.lastIndex);
    }
  }
}

function fits(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}
