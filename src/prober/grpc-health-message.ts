/** The states of `grpc.health.v1.HealthCheckResponse.ServingStatus`, in the order of their numbers. */
const SERVING_STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** What a server says of a service. */
export type ServingStatus = (typeof SERVING_STATUS)[number];

/** Octets before a gRPC message: compressed flag and length. */
const PREFIX = 5;
/** Field 1, length-delimited: `service`. */
const SERVICE_TAG = 0x0a;
/** Field 1, varint: `status`. */
const STATUS_TAG = 0x08;

/** A `HealthCheckRequest` as one length-prefixed gRPC message. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const field = name.length === 0 ? [] : [SERVICE_TAG, ...varint(name.length), ...name];
  const message = Buffer.alloc(PREFIX + field.length);
  message.writeUInt32BE(field.length, 1);
  message.set(field, PREFIX);
  return message;
}

/** The state in a length-prefixed, uncompressed `HealthCheckResponse`. The field is absent where it is 0 (proto3). */
export function decodeHealthReply(reply: Buffer): ServingStatus | 'malformed' {
  if (reply.length < PREFIX || reply[0] !== 0 || reply.readUInt32BE(1) !== reply.length - PREFIX) return 'malformed';
  if (reply.length === PREFIX) return 'UNKNOWN';
  // The message has this one field and all its values fit one octet, so nothing else can follow from a sane server.
  if (reply.length !== PREFIX + 2 || reply[PREFIX] !== STATUS_TAG) return 'malformed';
  return SERVING_STATUS[reply[PREFIX + 1] ?? 0] ?? 'malformed';
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
