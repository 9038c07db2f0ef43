/** Writes small MaxMind DB files (format 2.0): enough for test data, not meant for real databases. */

/** What the data section of these files may hold. Its integers are written as uint32. */
export type MmdbValue = string | number | boolean | readonly MmdbValue[] | { readonly [key: string]: MmdbValue };

/** A network in CIDR notation, and its record. */
export type MmdbNetwork = readonly [cidr: string, record: MmdbValue];

/** What a file is made of. `aliases` are IPv6 prefixes that lead to the IPv4 part, as MaxMind's files have them. */
export type MmdbInput = {
  readonly type: string;
  readonly recordSize: 24 | 28 | 32;
  readonly ipVersion: 4 | 6;
  /** Seconds since the epoch. */
  readonly buildEpoch: number;
  readonly networks: readonly MmdbNetwork[];
  readonly aliases?: readonly string[];
};

type Leaf = { readonly data: MmdbValue } | null;
type Node = { left: Node | Leaf; right: Node | Leaf };

const isNode = (child: Node | Leaf): child is Node => child !== null && 'left' in child;

/** The bytes of the file. Of nested networks the longer one wins. */
export function writeMmdb(input: MmdbInput): Buffer {
  const root: Node = { left: null, right: null };
  const sorted = input.networks
    .map(([cidr, data]) => ({ bits: bitsOf(cidr, input.ipVersion), leaf: { data } }))
    .toSorted((a, b) => a.bits.length - b.bits.length);
  for (const { bits, leaf } of sorted) put(root, bits, leaf);
  for (const alias of input.aliases ?? []) put(root, bitsOf(alias, 6), ipv4Node(root));
  const nodes = collect(root);
  const records = createDataSection(nodes.length);
  const tree = Buffer.concat([...nodes.keys()].map((node) => nodeBytes(node, nodes, records.of, input.recordSize)));
  const metadata = metadataBytes([
    ['binary_format_major_version', integer(UINT16, 2)],
    ['binary_format_minor_version', integer(UINT16, 0)],
    ['build_epoch', integer(UINT64, input.buildEpoch)],
    ['database_type', encode(input.type)],
    ['description', encode({ en: 'Synthetic test data' })],
    ['ip_version', integer(UINT16, input.ipVersion)],
    ['languages', encode(['en'])],
    ['node_count', integer(UINT32, nodes.length)],
    ['record_size', integer(UINT16, input.recordSize)],
  ]);
  const marker = Buffer.concat([Buffer.from('ABCDEF', 'hex'), Buffer.from('MaxMind.com')]);
  return Buffer.concat([tree, Buffer.alloc(16), ...records.chunks, marker, metadata]);
}

/** The prefix of a network as a string of 0 and 1; IPv4 lies under ::/96 of an IPv6 file. */
function bitsOf(cidr: string, ipVersion: 4 | 6): string {
  const [address = '', length = ''] = cidr.split('/');
  if (!address.includes(':')) {
    const bits = address.split('.').map((octet) => Number(octet).toString(2).padStart(8, '0'));
    return (ipVersion === 6 ? '0'.repeat(96) : '') + bits.join('').slice(0, Number(length));
  }
  const [head = '', tail = ''] = address.split('::').map((half) => half.split(':').map(groupBits).join(''));
  return (head + '0'.repeat(128 - head.length - tail.length) + tail).slice(0, Number(length));
}

const groupBits = (group: string): string =>
  group === '' ? '' : Number.parseInt(group, 16).toString(2).padStart(16, '0');

function put(root: Node, bits: string, leaf: Node | Leaf): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const side = bit === '0' ? 'left' : 'right';
    const child = node[side];
    const inner: Node = isNode(child) ? child : { left: child, right: child };
    node[side] = inner;
    node = inner;
  }
  node[bits.endsWith('0') ? 'left' : 'right'] = leaf;
}

function ipv4Node(root: Node): Node | Leaf {
  let node: Node | Leaf = root;
  for (let depth = 0; depth < 96 && isNode(node); depth++) node = node.left;
  return node;
}

/** All nodes, each once, the root first, with their numbers. */
function collect(root: Node): Node[] {
  const seen = new Set<Node>([root]);
  for (const node of seen) for (const child of [node.left, node.right]) if (isNode(child)) seen.add(child);
  return [...seen];
}

/** Gives each record its pointer (counted as the search tree does), equal records the same one. */
function createDataSection(nodeCount: number) {
  const chunks: Buffer[] = [];
  const pointers = new Map<string, number>();
  let end = 0;
  function of(leaf: Leaf): number {
    if (leaf === null) return nodeCount;
    const key = JSON.stringify(leaf.data);
    const known = pointers.get(key);
    if (known !== undefined) return known;
    const chunk = encode(leaf.data);
    const pointer = nodeCount + 16 + end;
    chunks.push(chunk);
    pointers.set(key, pointer);
    end += chunk.length;
    return pointer;
  }
  return { chunks, of };
}

function nodeBytes(node: number, nodes: readonly Node[], pointerOf: (leaf: Leaf) => number, bits: number): Buffer {
  const { left, right } = nodes[node]!;
  const [a, b] = [left, right].map((child) => BigInt(isNode(child) ? nodes.indexOf(child) : pointerOf(child)));
  const whole = (a! << BigInt(bits)) | b!;
  // 28-bit records share their middle octet: the left one's high bits come first there.
  const packed = bits === 28 ? ((a! & 0xffffffn) << 32n) | ((a! >> 24n) << 28n) | b! : whole;
  return Buffer.from(packed.toString(16).padStart(bits / 2, '0'), 'hex');
}

/** One value with its control octets. */
function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'boolean') return control(14, value ? 1 : 0);
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? integer(UINT32, value) : double(value);
  if (isList(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, item]) => [encode(key), encode(item)])]);
}

const isList = (value: object): value is readonly MmdbValue[] => Array.isArray(value);

/** Type and size; types over 7 have an octet of their own. Sizes up to 284. */
function control(type: number, size: number): Buffer {
  const head = Math.min(size, 29);
  const extended = type > 7;
  return Buffer.from([
    ((extended ? 0 : type) << 5) | head,
    ...(extended ? [type - 7] : []),
    ...(size < 29 ? [] : [size - 29]),
  ]);
}

/** Type and octets of the integers. */
const UINT16 = [5, 2] as const;
const UINT32 = [6, 4] as const;
const UINT64 = [9, 8] as const;

function integer([type, octets]: readonly [number, number], value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return Buffer.concat([control(type, octets), bytes.subarray(8 - octets)]);
}

/** The metadata's integers have the widths that the format asks for: libmaxminddb reads no others. */
function metadataBytes(fields: readonly (readonly [string, Buffer])[]): Buffer {
  return Buffer.concat([control(7, fields.length), ...fields.flatMap(([key, value]) => [encode(key), value])]);
}

function double(value: number): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeDoubleBE(value);
  return Buffer.concat([control(3, 8), octets]);
}
