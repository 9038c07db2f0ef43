import { expect, it } from 'vitest';
import { createClientAddress } from '../../../src/dns/client-address.ts';
import { QTYPE, query, subnet } from '../../support/dns-message.ts';
import { createTestResponder } from '../../support/dns-server.ts';
import { respondTo } from '../../support/respond.ts';

const FRANKFURT = [192, 0, 2];
const VIRGINIA = [198, 51, 100];

it('counts what is asked for and from where, of steered names alone', () => {
  const { responder, counting } = createTestResponder();
  const from = (octets: readonly number[]) => ({ options: [subnet(1, 24, octets)] });
  const ask = (name: string, type: number, octets = FRANKFURT): void => {
    respondTo(responder, query(`${name}.gslb.example`, type, from(octets)), createClientAddress());
  };
  const before = counting.asked();
  expect([before.ofName('shop.gslb.example'), before.ofPlace(1)]).toEqual([0, 0]);
  ask('shop', QTYPE.A);
  ask('SHOP', QTYPE.AAAA);
  ask('to-steered', QTYPE.A, VIRGINIA);
  for (const below of ['one', 'two', 'a.b']) ask(`${below}.apps`, QTYPE.A, VIRGINIA);
  // Nobody is steered here.
  ask('api', QTYPE.TXT);
  ask('static', QTYPE.A);
  ask('missing', QTYPE.A);
  const after = counting.asked();
  const names = ['shop', '*.apps', 'api', 'static', 'missing'].map((name) => after.ofName(`${name}.gslb.example`));
  expect(names).toEqual([3, 3, 0, 0, 0]);
  expect([0, 1, 2, 3, 2 ** 20].map((place) => after.ofPlace(place))).toEqual([0, 2, 4, 0, 0]);
});
