import { Type } from 'typebox';

/** Closed, as what another version adds may change what all the rest means. */
export const CLOSED = { additionalProperties: false };

const PATTERNS = Type.Optional(Type.Array(Type.String()));
const SELECTION = { clusters: PATTERNS, gateways: PATTERNS, hostnames: PATTERNS, teams: PATTERNS };

/** The scope of an order as it is saved. */
export const SAVED_SCOPE = Type.Object({ ...SELECTION, except: Type.Optional(Type.Object(SELECTION, CLOSED)) }, CLOSED);
