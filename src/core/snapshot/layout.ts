/**
 * How the answer table lies in memory: every part is flat typed arrays over shared memory, so that a worker reads the
 * same bytes as the writer and nothing is decoded per query. All indexes count 32-bit words but those into `octets`.
 *
 *   NAMES (change with the names)
 *
 *   slots  ┌──────┬────────┐  power-of-two open addressing, linear probing, at most half full;
 *          │ hash │ node+1 │  0 in the second word: free
 *          └──────┴───┬────┘
 *   nodes  ┌──────────▼─────────────────────────────────────────────────────┐  every name that exists, empty
 *          │ name │ length │ zone │ flags │ wildcard │ sets │ count │ target │  non-terminals included
 *          └──┬────────────────┬──────────────┬─────────┬───────────────┬───┘
 *             │ octets         │ zones        │ node    │ static RRsets │ A and AAAA: an index in `targets`
 *   sets   ┌──┼────────────────┼──────────────┼─────────▼───────────────┐
 *          │ type │ alias │ at │ size │ records │ links │ link count │ - │
 *          └─────────┼──────┼───────────────────────┼───────────────────┘
 *                    │      │ octets                │ links
 *                    │ of a CNAME: the spot (`locate.ts`) of its target, or OUTSIDE
 *   octets [ names, each from a whole word on; records without their owner: type class ttl rdlen rdata … ]
 *   links  │ record │ offset of the name in the set │ set to add │ needed │    additional section
 *   zones  │ SOA for negative answers (octets) │ size │ apex length │ parent zone │ cut over the apex │ - │
 *
 *   TARGETS (change with the addresses)
 *
 *   targets   │ first endpoint │ endpoints, then last-resort addresses │ salt │     one per steered hostname
 *   endpoints │ family │ cluster │ address, 32 bits in each of one (IPv4) or four (IPv6) words │
 *
 *   CLASSES (change with model × places)
 *
 *   base [ target → start of its row of `orderOf`, or -1 where the place does not matter ]
 *   orderOf [ base + place → the order of the place's class in `orders` ]
 *   orders │ fence │ sites to walk │ bands │ the sites within the fence, nearest first … │ ends of their bands … │
 *          Where bands is not 0, it is the place relative to the order of [ rank → rank behind the last site that is hardly
 *          farther ]: among the choices from the first one that is left up to there the weights decide who starts.
 *
 *   DECISIONS (change with health)
 *
 *   rowOf [ target → row in `pool` ]
 *   pool  row: [ fence → decision, relative to the row ] then the decisions:
 *         │ ttl │ answers │ choices │ map │ buckets │ shares │ aside │ points │ reason │ then per choice: │ weights so far
 *         │ first candidate │ candidates │, the first candidate relative to the decision; candidates are indexes among the
 *         endpoints of the target. Reason is an index in `DECISION_REASONS`. Where aside is not 0, it is the place relative to the decision of another one, for those clients of
 *         whom so many of `ASIDE_POINTS` go to the other group of a rollout: drawn by the dice, or where points are
 *         negative by the subnet.
 *         Where map is not 0, it is the place relative to the decision of [ site → choice or -1 ]: choices come in the
 *         order of the client's sites and weights count in their bands only; without a band the weights of choices say how many
 *         of `ALL_BUCKETS` of its clients each takes, and the rest is passed on to the next in the order. Where buckets is not 0, it is the place,
 *         relative too, of [ bucket of client subnets → choice ], 16 bits each: the subnet and the target's salt pick the
 *         choice, no dice. In a decision with a map it is that of [ choice → hash of its cluster ], for the same purpose.
 */

/** Words of a slot. */
export const SLOT_WORDS = 2;
/** Words of a node. */
export const NODE_WORDS = 8;
/** Words of an RRset. */
export const SET_WORDS = 8;
/** Words of a link. */
export const LINK_WORDS = 4;
/** Words of a zone. */
export const ZONE_WORDS = 6;
/** Words of a target. */
export const TARGET_WORDS = 3;
/** Words of an endpoint. */
export const ENDPOINT_WORDS = 6;
/** Words of a choice. */
export const CHOICE_WORDS = 3;

/** Where in `octets` the wire name starts. */
export const NODE_NAME = 0;
/** Octets of the wire name, the root label included. */
export const NODE_LENGTH = 1;
/** Index in `model.zones`. */
export const NODE_ZONE = 2;
/** FLAG_CUT, FLAG_APEX or 0. */
export const NODE_FLAGS = 3;
/** The node of the wildcard one label below, or NONE. */
export const NODE_WILDCARD = 4;
/** The first of its RRsets. */
export const NODE_SETS = 5;
/** How many RRsets it has; 0 and not steered: an empty non-terminal. */
export const NODE_SET_COUNT = 6;
/** Index in `targets` of what A and AAAA are steered to, or NONE. */
export const NODE_TARGET = 7;

/** The node is a zone cut: names at and below it belong to somebody else. */
export const FLAG_CUT = 1;
/** The node is the apex of its zone. */
export const FLAG_APEX = 2;

/** The RR type. */
export const SET_TYPE = 0;
/** Of a CNAME: the spot of its target (`locate.ts`), or OUTSIDE. */
export const SET_ALIAS = 1;
/** Where in `octets` the records start. */
export const SET_AT = 2;
/** Octets of all records, owners not counted. */
export const SET_SIZE = 3;
/** How many records. */
export const SET_RECORDS = 4;
/** The first of its links. */
export const SET_LINKS = 5;
/** How many links. */
export const SET_LINK_COUNT = 6;

/** Which record of the set holds the name, from 0. */
export const LINK_RECORD = 0;
/** Where the name starts, counted over the records without their owners. */
export const LINK_OFFSET = 1;
/** The address set to add. */
export const LINK_SET = 2;
/** 1: glue without which the answer is truncated (RFC 9471); 0: left out where it does not fit. */
export const LINK_NEEDED = 3;

/** Where in `octets` the SOA of negative answers starts. */
export const ZONE_SOA = 0;
/** Octets of that record. */
export const ZONE_SOA_SIZE = 1;
/** Octets of the wire name of the apex. */
export const ZONE_APEX_LENGTH = 2;
/** The zone of ours around this one, or NONE. */
export const ZONE_PARENT = 3;
/** Node of the delegation that lies over the apex in the parent zone, or NONE. */
export const ZONE_CUT = 4;

/** 32 bits of the hostname, which mix the subnets of its clients. */
export const TARGET_SALT = 2;

/** 4, 6, or 0 for an address that is none. */
export const ENDPOINT_FAMILY = 0;
/** The cluster's slot, else its index in `model.clusters`; or NONE. */
export const ENDPOINT_CLUSTER = 1;
/** The first word of the address. */
export const ENDPOINT_ADDRESS = 2;

/** The fence that the places of the class are behind: which decision of a row is theirs. */
export const ORDER_FENCE = 0;
/** How many sites to walk; 0 where distances do not count. */
export const ORDER_COUNT = 1;
/** Where the ends of the bands are, relative to the order, or 0 where the nearest alone starts. */
export const ORDER_BANDS = 2;
/** The sites, nearest first. */
export const ORDER_SITES = 3;

/** TTL in seconds. */
export const DECISION_TTL = 0;
/** Most addresses of one family in an answer. */
export const DECISION_ANSWERS = 1;
/** How many choices. */
export const DECISION_CHOICES = 2;
/** Where [ site → choice ] is, relative to the decision, or 0 where weights decide. */
export const DECISION_MAP = 3;
/** Where [ bucket → choice ], or with a map [ choice → hash ], is relative to the decision; 0 where no subnet decides. */
export const DECISION_BUCKETS = 4;
/** With a map and without a band: how those start whom a choice does not take; one of `SHARES_*`. */
export const DECISION_SHARES = 5;
/** Every choice takes all its clients: the first that is left starts. */
export const SHARES_WHOLE = 0;
/** The dice say whom a choice does not take. */
export const SHARES_BY_DICE = 1;
/** The client's subnet says so. */
export const SHARES_BY_SUBNET = 2;
/** Where the decision for the other group of a rollout is, relative to this one; 0 where there is none. */
export const DECISION_ASIDE = 6;
/** How many of `ASIDE_POINTS` of the clients that one is for; negative where their subnets say who they are, not the dice. */
export const DECISION_ASIDE_POINTS = 7;
/** All clients: points are percents. */
export const ASIDE_POINTS = 100;
/** How it came about: an index in `DECISION_REASONS`, 0 for the ordinary case. */
export const DECISION_REASON = 8;
/** Words of a decision before its choices. */
export const DECISION_WORDS = 9;

/** Weights of all choices up to this one. */
export const CHOICE_WEIGHT = 0;
/** Its first candidate, relative to the decision. */
export const CHOICE_FIRST = 1;
/** How many candidates. */
export const CHOICE_COUNT = 2;

/** No node, no zone, no set. */
export const NONE = -1;

/** Octets of a record before its rdata, owner left out: type, class, TTL, length (RFC 1035 §3.2.1). */
export const RECORD_HEAD = 10;

/** Where the serial stands, counted from the end of an SOA (RFC 1035 §3.3.13): five numbers come last. */
export const SOA_SERIAL_FROM_END = 20;

/** Octets of an owner: every record that we write has a compression pointer for one. */
export const OWNER_OCTETS = 2;

/** Where the question's name starts in a message (RFC 1035 §4.1.1). */
export const QUESTION_AT = 12;
