import { Type } from 'typebox';
import { explain } from '../../core/snapshot/explain.ts';
import { placeOfAddress } from '../../core/snapshot/place-trie.ts';
import { RR_TYPE } from '../../core/snapshot/rr-type.ts';
import { NO_SUBNET, subnetOfAddress } from '../../core/snapshot/subnet.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { FORMS } from '../patterns.ts';
import { problem } from '../problems.ts';
import { viewAges } from '../views/age-view.ts';
import { canonicalName } from './hostnames.ts';

const QUERY = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 1020 }),
    /** Address of the client; without it the client is at an unknown place. */
    from: Type.Optional(Type.String({ maxLength: 45 })),
    /** A by default. A mnemonic, or a number as `65280` or `TYPE65280` (RFC 3597 §5). */
    type: Type.Optional(Type.String({ pattern: FORMS.recordType.pattern })),
    /** 0–4294967295, where weights decide; random by default, as for a query. */
    dice: Type.Optional(Type.String({ pattern: FORMS.dice.pattern })),
  },
  { additionalProperties: false },
);

/** `GET /v1/explain`: one question and one client, every candidate and why each was kept or dropped, and the answer. */
export function addExplainRoutes(app: AdminApp, options: AdminOptions): void {
  app.get('/v1/explain', { schema: { querystring: QUERY } }, async ({ query }) => {
    const snapshot = options.director.snapshot();
    const client = query.from === undefined ? NOWHERE : placeOfAddress(snapshot.places, query.from);
    if (client === undefined) throw problem('address-invalid', '"from" must be an IPv4 or IPv6 address.');
    const explanation = explain(snapshot, {
      name: canonicalName(query.name),
      type: typeNumber(query.type ?? 'A'),
      place: client.place,
      prefix: client.prefix,
      subnet: query.from === undefined ? NO_SUBNET : (subnetOfAddress(query.from) ?? NO_SUBNET),
      dice: query.dice === undefined ? options.dice() : Number(query.dice) >>> 0,
    });
    const ageOf = viewAges(options.views(), options.now());
    const candidates = explanation.candidates.map((one) => ({ ...one, view: ageOf(one.cluster) }));
    return { ...explanation, candidates };
  });
}

const MNEMONICS: ReadonlyMap<string, number> = new Map(Object.entries(RR_TYPE));

function typeNumber(text: string): number {
  const mnemonic = MNEMONICS.get(text.toUpperCase());
  if (mnemonic !== undefined) return mnemonic;
  const digits = /^(?:TYPE)?(\d{1,5})$/i.exec(text)?.[1];
  const number = Number(digits);
  if (digits === undefined || number > MAX_TYPE) {
    throw problem(
      'request-invalid',
      `"type" must be one of ${[...MNEMONICS.keys()].join(', ')}, or a number as TYPE65280.`,
    );
  }
  return number;
}

/** Types have 16 bits (RFC 1035 §3.2.1). */
const MAX_TYPE = 65_535;

/** The unknown place; it holds for every address. */
const NOWHERE = { place: 0, prefix: 0 };
