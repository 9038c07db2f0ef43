import type { Static } from 'typebox';
import { parseAddress } from '../core/desired/address.ts';
import { isWithin, normalizeName } from '../core/desired/domain-name.ts';
import type { NameServer, SoaSpec, ZoneSpec } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import type { StaticRecord } from '../core/desired/records.ts';
import { checkZone } from '../core/desired/zone-check.ts';
import { parseZoneLine } from '../core/desired/zone-lines.ts';
import { type Complain, describeValue, type Path } from './problem.ts';
import type { Zone } from './schema.ts';

type ZoneEntry = Static<typeof Zone>;

/** Makes the zone of one entry that has the right shape; complains of all that cannot be. */
export function buildZone(entry: ZoneEntry, path: Path, complain: Complain): ZoneSpec | undefined {
  const apex = normalizeName(entry.name);
  if (apex === undefined || apex === '') {
    complain([...path, 'name'], { expected: 'a zone name', found: describeValue(entry.name) });
    return undefined;
  }
  const nameservers = Object.entries(entry.nameservers).flatMap(([name, addresses]) => {
    return buildNameServer(name, addresses, apex, [...path, 'nameservers', name], complain) ?? [];
  });
  const soa = buildSoa(entry.soa, apex, nameservers, [...path, 'soa'], complain);
  const records = buildRecords(entry, apex, nameservers, [...path, 'records'], complain);
  const map = entry.map === undefined ? {} : { map: entry.map };
  return { apex, nameservers, nsTtl: entry['ns-ttl'], soa, records, ...map };
}

function buildNameServer(
  text: string,
  texts: readonly string[],
  apex: string,
  path: Path,
  complain: Complain,
): NameServer | undefined {
  const name = normalizeName(text);
  if (name === undefined || !name.includes('.') || parseAddress(text) !== undefined) {
    const suggestion = /^[\w-]+$/.test(text) ? { suggestion: `did you mean "${text}.${apex}"?` } : {};
    complain(path, { expected: 'the full name of a name server', found: quote(text), ...suggestion });
    return undefined;
  }
  // RFC 9471: without glue, nobody could find a name server whose name lies in the zone it serves.
  if (texts.length === 0 && isWithin(name, apex)) {
    complain(path, { expected: 'at least one address of a name server inside the zone', found: 'an empty list' });
  }
  const addresses = texts.flatMap((address, index) => {
    const parsed = parseAddress(address);
    if (parsed !== undefined) return [parsed.text];
    complain([...path, index], { expected: 'an IP address', found: quote(address) });
    return [];
  });
  return { name, addresses: [...new Set(addresses)] };
}

function buildSoa(
  entry: ZoneEntry['soa'],
  apex: string,
  nameservers: readonly NameServer[],
  path: Path,
  complain: Complain,
): SoaSpec {
  const nameOf = (key: 'mname' | 'rname', text: string): string => {
    const name = text.includes('@') ? undefined : normalizeName(text);
    if (name !== undefined) return name;
    const suggestion = text.includes('@') ? { suggestion: `write ${quote(mailboxName(text))}` } : {};
    complain([...path, key], { expected: 'a name', found: quote(text), ...suggestion });
    return '';
  };
  const mname = entry.mname === undefined ? (nameservers[0]?.name ?? '') : nameOf('mname', entry.mname);
  const rname = entry.rname === undefined ? `hostmaster.${apex}` : nameOf('rname', entry.rname);
  const { refresh, retry, expire, minimum, ttl } = entry;
  return { mname, rname, refresh, retry, expire, minimum, ttl };
}

/** RFC 1035 §8: the local part is the first label, so its dots are escaped. */
function mailboxName(mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  return `${mailbox.slice(0, at).replaceAll('.', '\\.')}.${mailbox.slice(at + 1)}`;
}

function buildRecords(
  entry: ZoneEntry,
  apex: string,
  nameservers: readonly NameServer[],
  path: Path,
  complain: Complain,
): readonly StaticRecord[] {
  const records: StaticRecord[] = [];
  /** Where each record stands in the file: lines that do not parse leave gaps. */
  const places: number[] = [];
  for (const [index, line] of entry.records.entries()) {
    const parsed = parseZoneLine(line, { apex, ttl: entry.ttl });
    if ('error' in parsed) {
      complain([...path, index], { expected: 'a zone-file line', found: `${quote(line)}: ${parsed.error}` });
      continue;
    }
    records.push(parsed);
    places.push(index);
  }
  const names = nameservers.map(({ name }) => name);
  for (const { index, message } of checkZone(records, apex, names)) {
    const place = places[index] ?? 0;
    const found = `${quote(entry.records[place] ?? '')}: ${message}`;
    complain([...path, place], { expected: 'records that go together', found });
  }
  return records;
}
