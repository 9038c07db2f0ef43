/**
 * libmaxminddb, which the peers read with, insists on the widths of the numbers in a file's metadata
 * (MaxMind DB format 2.0, "Database Metadata"); the writer of the test databases writes all of them as uint32.
 */
import { Reader } from 'maxmind';

const MARKER = Buffer.concat([Buffer.from('ABCDEF', 'hex'), Buffer.from('MaxMind.com')]);
/** Types of the format. Over 7 the type has an octet of its own. */
const TYPE = { string: 2, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11 } as const;

/** The same database with metadata as the format asks for it. */
export function withStrictMetadata(file: Buffer): Buffer {
  const { nodeCount, recordSize, ipVersion, databaseType, buildEpoch } = new Reader(file).metadata;
  const fields: readonly (readonly [string, Buffer])[] = [
    ['binary_format_major_version', integer(TYPE.uint16, 2, 2)],
    ['binary_format_minor_version', integer(TYPE.uint16, 2, 0)],
    ['build_epoch', integer(TYPE.uint64, 8, buildEpoch.getTime() / 1000)],
    ['database_type', text(databaseType)],
    ['description', Buffer.concat([control(TYPE.map, 1), text('en'), text('Synthetic data of the bench')])],
    ['ip_version', integer(TYPE.uint16, 2, ipVersion)],
    ['languages', Buffer.concat([control(TYPE.array, 1), text('en')])],
    ['node_count', integer(TYPE.uint32, 4, nodeCount)],
    ['record_size', integer(TYPE.uint16, 2, recordSize)],
  ];
  const metadata = fields.flatMap(([key, value]) => [text(key), value]);
  const data = file.subarray(0, file.lastIndexOf(MARKER) + MARKER.length);
  return Buffer.concat([data, control(TYPE.map, fields.length), ...metadata]);
}

/** Type and size; sizes up to 28 fit. */
function control(type: number, size: number): Buffer {
  return type > 7 ? Buffer.from([size, type - 7]) : Buffer.from([(type << 5) | size]);
}

function integer(type: number, octets: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return Buffer.concat([control(type, octets), bytes.subarray(8 - octets)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([control(TYPE.string, bytes.length), bytes]);
}
