import { Type } from 'typebox';
import { MAX_PATTERNS } from '../core/orders/scope.ts';
import { MAX_REASON } from './limits.ts';
import { FORMS } from './patterns.ts';

/** Any text in one line: what fits nothing is refused as such. */
export const PATTERN_BODY = Type.String({ minLength: 1, maxLength: 512, pattern: FORMS.word.pattern });
const PATTERNS = Type.Optional(Type.Array(PATTERN_BODY, { minItems: 1, maxItems: MAX_PATTERNS }));
const SELECTION = { clusters: PATTERNS, gateways: PATTERNS, hostnames: PATTERNS, teams: PATTERNS };
const CLOSED = { additionalProperties: false };

/** What an order is about, as people give it. */
export const SCOPE_BODY = Type.Object({ ...SELECTION, except: Type.Optional(Type.Object(SELECTION, CLOSED)) }, CLOSED);

/** Some text in one line: it ends up in logs and on terminals, where control characters do harm. */
export const REASON_BODY = Type.String({ maxLength: MAX_REASON, pattern: FORMS.line.pattern });
