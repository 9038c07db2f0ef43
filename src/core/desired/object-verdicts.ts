import type { Finding, FindingCode } from './finding.ts';
import { type Asker, idOf } from './gateway-api/metadata.ts';
import type { Hostname, Model } from './model.ts';

/**
 * How an object fares. `accepted`: all is well. `conflicted`: others, or the zone itself, have a claim on what it asks for.
 * `invalid`: something in it cannot be used. `unserved`: it is in order, but nothing of it is served.
 */
type VerdictState = 'accepted' | 'conflicted' | 'invalid' | 'unserved';

/** What the model says of one object of one cluster. */
export type ObjectVerdict = {
  /** Any kind that is read. */
  readonly kind: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly state: VerdictState;
  /** Ordered. Of a Gateway those that its addresses answer, of others those that they ask for and this cluster answers. */
  readonly hostnames: readonly string[];
  /** Errors and warnings about the object, in the model's order. */
  readonly findings: readonly Finding[];
};

/** Verdicts by cluster. */
export type Verdicts = ReadonlyMap<string, readonly ObjectVerdict[]>;

type JudgedModel = Pick<Model, 'hostnames' | 'findings'>;

/** Endpoints and askers in one part: about 5 ms. */
const PART_STEPS = 10_000;

/** A verdict that is being made. */
type Draft = {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly hostnames: string[];
  readonly findings: Finding[];
};

const CONFLICTS: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'policy-conflict',
  'hostname-static',
  'hostname-occluded',
  'object-duplicate',
  'hostname-foreign-team',
  'hostname-foreign-team',
]);

/**
 * What the model says of the objects of some clusters, by cluster: of each that serves a hostname or has an error or a
 * warning. `clusters` has their names by the `file` of their objects' origins. No health is in it. Objects that ask for
 * nothing in our zones are left out: they are somebody else's.
 */
export function verdictsOf(model: JudgedModel, clusters: ReadonlyMap<string, string>): Verdicts {
  const parts = verdictsInParts(model, clusters);
  let part = parts.next();
  while (part.done !== true) part = parts.next();
  return part.value;
}

/** The same in parts that take some ms each, so that others have their turn in between. */
export function* verdictsInParts(
  { hostnames, findings }: JudgedModel,
  clusters: ReadonlyMap<string, string>,
): Generator<void, Verdicts> {
  const books = new Map([...clusters.values()].map((cluster) => [cluster, emptyBook()]));
  const bookAt = (file: string): Book | undefined => books.get(clusters.get(file) ?? '');
  const noteHostname = createNoting(books, bookAt);
  let steps = 0;
  for (const hostname of hostnames) {
    noteHostname(hostname);
    steps += hostname.endpoints.length + hostname.askers.length;
    if (steps < PART_STEPS) continue;
    steps = 0;
    yield;
  }
  for (const one of findings) {
    const book = one.severity === 'info' ? undefined : bookAt(one.origin.file);
    const object = book && parseObject(one.origin.object);
    if (book !== undefined && object !== undefined) draftOf(book, object).findings.push(one);
  }
  return new Map(
    [...books].map(([cluster, { drafts }]) => {
      return [cluster, [...drafts.values()].filter((one) => !isForeign(one)).map(judge)];
    }),
  );
}

/** The drafts of one cluster. */
type Book = {
  /** By kind and `namespace/name`. */
  readonly drafts: Map<string, Draft>;
  /** By `namespace/name`. */
  readonly gateways: Map<string, Draft>;
};

function emptyBook(): Book {
  return { drafts: new Map(), gateways: new Map() };
}

/** Hostnames have many endpoints and askers, which are few: each is looked up by what it is, not by a text made for it. */
function createNoting(
  books: ReadonlyMap<string, Book>,
  bookAt: (file: string) => Book | undefined,
): (hostname: Hostname) => void {
  const byAsker = new Map<Asker, { readonly book: Book; readonly draft: Draft } | undefined>();
  const entryOf = (asker: Asker) => {
    const known = byAsker.get(asker);
    if (known !== undefined || byAsker.has(asker)) return known;
    const book = bookAt(asker.origin.file);
    const entry = book && { book, draft: draftOf(book, asker) };
    byAsker.set(asker, entry);
    return entry;
  };
  return ({ name, endpoints, askers }) => {
    const serving = new Set<Book>();
    for (const { cluster, gateway } of endpoints) {
      const book = books.get(cluster);
      if (book === undefined) continue;
      serving.add(book);
      note(gatewayOf(book, gateway), name);
    }
    for (const asker of askers) {
      const entry = entryOf(asker);
      if (entry !== undefined && serving.has(entry.book)) note(entry.draft, name);
    }
  };
}

function gatewayOf(book: Book, gateway: string): Draft {
  const known = book.gateways.get(gateway);
  if (known !== undefined) return known;
  const slash = gateway.indexOf('/');
  const object = { kind: 'Gateway', namespace: gateway.slice(0, slash), name: gateway.slice(slash + 1) };
  const draft = draftOf(book, object);
  book.gateways.set(gateway, draft);
  return draft;
}

/** Hostnames come in their order; an object may be met several times with one. */
function note({ hostnames }: Draft, name: string): void {
  if (hostnames.at(-1) !== name) hostnames.push(name);
}

function draftOf({ drafts }: Book, { kind, namespace, name }: Pick<Draft, 'kind' | 'namespace' | 'name'>): Draft {
  const key = `${kind} ${idOf({ namespace, name })}`;
  const known = drafts.get(key);
  if (known !== undefined) return known;
  const made: Draft = { kind, namespace, name, hostnames: [], findings: [] };
  drafts.set(key, made);
  return made;
}

const NAME = '[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?';
const OBJECT = new RegExp(`^([A-Za-z]{1,63}) (?:(${NAME})/)?(${NAME})$`);

/** `Kind namespace/name` as findings write it; undefined for names that no object can have. */
function parseObject(text: string | undefined): Pick<Draft, 'kind' | 'namespace' | 'name'> | undefined {
  const found = OBJECT.exec(text ?? '');
  if (found === null) return undefined;
  const [, kind = '', namespace = '', name = ''] = found;
  return { kind, namespace, name };
}

function isForeign({ hostnames, findings }: Draft): boolean {
  return hostnames.length === 0 && findings.every(({ code }) => code === 'hostname-outside-zones');
}

function judge(draft: Draft): ObjectVerdict {
  const { findings, hostnames } = draft;
  const conflicts = findings.filter(({ code }) => CONFLICTS.has(code));
  const isInvalid = findings.some((one) => one.severity === 'error' && !conflicts.includes(one));
  const calm = hostnames.length > 0 ? 'accepted' : 'unserved';
  const state = conflicts.length > 0 ? 'conflicted' : calm;
  return Object.freeze({ ...draft, state: isInvalid ? 'invalid' : state });
}
