import { createClientAddress, readAddress } from '../../src/dns/client-address.ts';
import type { Responder } from '../../src/dns/respond.ts';
import { QTYPE, query, readResponse, subnet } from '../support/dns-message.ts';
import { respondTo } from '../support/respond.ts';

/** What a scenario compares of an answer. */
export type ScenarioAnswer = {
  readonly rcode: string;
  readonly aa: boolean;
  readonly tc: boolean;
  /** Of the first answer record, else of the SOA; -1 without either. */
  readonly ttl: number;
  /** ECS scope, -1 where none came back. */
  readonly scope: number;
  /** `TYPE DATA` of the answer section; `SOA` alone where only the authority section has one. */
  readonly records: readonly string[];
};

const RESOLVER = '192.0.2.254';
const CLIENT_SUBNET = 8;
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** Asks the responder by the wire, as a resolver at `RESOLVER` with the client's subnet (`ADDRESS/PREFIX`) if given. */
export function ask(responder: Responder, name: string, type: string, client?: string): ScenarioAnswer {
  const octets = query(name, typeNumber(type), client === undefined ? {} : { options: [clientSubnet(client)] });
  const from = createClientAddress();
  readAddress(RESOLVER, from);
  const response = readResponse(respondTo(responder, octets, from));
  const { answers = [], authorities = [] } = response.packet;
  const ecs = response.opt?.options.get(CLIENT_SUBNET);
  const [first] = [...answers, ...authorities];
  return {
    rcode: RCODES[response.rcode] ?? `RCODE${response.rcode}`,
    aa: response.aa === 1,
    tc: response.tc === 1,
    ttl: first !== undefined && 'ttl' in first ? (first.ttl ?? -1) : -1,
    scope: ecs === undefined ? -1 : Number.parseInt(ecs.slice(6, 8), 16),
    records: [...answers.map(recordText), ...authorities.filter(({ type: t }) => t === 'SOA').map(() => 'SOA')],
  };
}

function clientSubnet(client: string): Buffer {
  const [address = '', prefix = '24'] = client.split('/');
  const bits = Number(prefix);
  const octets = address
    .split('.')
    .slice(0, Math.ceil(bits / 8))
    .map(Number);
  return subnet(1, bits, octets);
}

function typeNumber(type: string): number {
  const found = Object.entries(QTYPE).find(([name]) => name.toUpperCase() === type);
  if (found === undefined) throw new Error(`unknown type ${type}`);
  return found[1];
}

function recordText(record: { readonly type: string; readonly data?: unknown }): string {
  return `${record.type} ${typeof record.data === 'string' ? record.data : JSON.stringify(record.data)}`;
}
