/** How bad a line of the log is, least first. */
type LogEventLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * What a field of a line holds. `time`: ms since the epoch, written in RFC 3339. `client`: the IP address of somebody who
 * came to us, written as `log.client-addresses` wants it. `data`: a plain value. `error`: whatever was thrown.
 */
type Values = {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly time: number;
  readonly client: string;
  readonly data: object;
  readonly error: unknown;
};

/** The kind of a field; with `?` it can be absent. */
export type LogFieldKind = keyof Values | `${keyof Values}?`;

type Row = readonly [
  level: LogEventLevel,
  message: string,
  fields: Readonly<Record<string, LogFieldKind>>,
  meaning: string,
];

/**
 * Every line that the log can have: its stable code, its level, its message with `{field}` filled in, its fields, and what
 * it means. The first field is what the line is about: lines of one event about the same are counted, not written, when
 * there are many. Messages may change; a code never does, nor does the meaning of a field. `docs/events.md` is this table;
 * a test compares them.
 */
export const LOG_EVENTS = {
  note: [
    'info',
    '{line}',
    { line: 'text' },
    'What a person should know: where it listens; in the demo, what to try and what has ended.',
  ],
  ready: ['info', 'ready', { version: 'text', pid: 'number', listening: 'data' }, 'It is started, and answers.'],
  'start-failed': ['error', 'the start has failed: {reason}', { reason: 'text' }, 'It could not start, and ends.'],
  stopping: ['info', 'stopping', { signal: 'text' }, 'A signal told it to stop.'],
  'stop-late': [
    'warn',
    'not stopped in time: {stages}',
    { stages: 'text' },
    'These parts did not stop within their time and were left behind.',
  ],
  stopped: ['info', 'stopped', {}, 'The last line of a run that was told to stop.'],
  crashed: ['error', 'the process ends by a fault of its own', { error: 'error' }, 'Please report it.'],
  'log-lines-left-out': [
    'warn',
    '{lines} lines of {of} were not written',
    { of: 'text', subject: 'text?', lines: 'number', span: 'number' },
    'More lines of one event, or of one event about one subject, than are written in `span` ms.',
  ],
  'log-lines-lost': [
    'warn',
    '{lines} lines were lost: nobody took them',
    { lines: 'number' },
    'Who reads the log was too slow, or the disk was full; it is written again now.',
  ],
  'udp-engine': [
    'info',
    'UDP engine',
    { engine: 'text', reason: 'text?' },
    'Which engine answers over UDP, and why where it is not the native one.',
  ],
  'dns-worker-trouble': [
    'error',
    '{reason}',
    { reason: 'text', engine: 'text' },
    'A thread that answers over UDP had trouble; the portable engine stands in for one that died.',
  ],
  published: [
    'debug',
    'published',
    { version: 'number', serial: 'number', compileMs: 'number', causeToAnswerMs: 'number?' },
    'New answers are in force.',
  ],
  'monitor-changed': [
    'info',
    'monitor changed state',
    { monitor: 'text', from: 'text', to: 'text', reason: 'text?', last: 'data?' },
    'What is believed of a monitor is another state now; `last` is the latest probe.',
  ],
  'monitor-result': [
    'info',
    'monitor result',
    { monitor: 'text', state: 'text', reason: 'text', by: 'text' },
    'A pushed result that differs from what the named monitor was.',
  ],
  'finding-error': [
    'error',
    '{code}: {message}',
    { message: 'text', code: 'text', file: 'text', line: 'number?', object: 'text?', suggestion: 'text?' },
    'A finding of severity error came up; `code` is one of findings.md.',
  ],
  'finding-warning': [
    'warn',
    '{code}: {message}',
    { message: 'text', code: 'text', file: 'text', line: 'number?', object: 'text?', suggestion: 'text?' },
    'A finding of severity warning came up.',
  ],
  'finding-info': [
    'info',
    '{code}: {message}',
    { message: 'text', code: 'text', file: 'text', line: 'number?', object: 'text?', suggestion: 'text?' },
    'A finding of severity info came up.',
  ],
  'finding-gone': [
    'info',
    'no more: {code}: {message}',
    { message: 'text', code: 'text', file: 'text', line: 'number?', object: 'text?' },
    'A finding stands no more.',
  ],
  'breaker-opened': [
    'error',
    '{text}',
    { cause: 'text', text: 'text' },
    'The prober is not believed: no measurement takes an endpoint out of the answers (breaker.md).',
  ],
  'breaker-closed': [
    'info',
    '{text}',
    { relief: 'text', text: 'text', withheld: 'number' },
    'The prober is believed again; so many verdicts were withheld.',
  ],
  'breaker-order': [
    'info',
    'breaker close',
    { by: 'text', withheld: 'number', result: 'text' },
    'An operator closed the breaker.',
  ],
  'cluster-drain': [
    'info',
    'cluster drain',
    { cluster: 'text', at: 'time', from: 'time?', by: 'text', reason: 'text', force: 'flag', result: 'text' },
    'An operator drained a cluster; `result` is `done`, or why not.',
  ],
  'cluster-undrain': [
    'info',
    'cluster undrain',
    { cluster: 'text', by: 'text', result: 'text' },
    'An operator took a drain back.',
  ],
  'cluster-failback': [
    'info',
    'cluster failback',
    { cluster: 'text', monitor: 'text?', by: 'text', result: 'text' },
    'An operator let go of monitors that were held.',
  ],
  'drill-start': [
    'info',
    'drill start',
    { drill: 'text', kind: 'text', by: 'text', reason: 'text', force: 'flag', result: 'text' },
    'An operator started a drill, or planned one; `result` is `done`, or why not.',
  ],
  'drill-stop': ['info', 'drill stop', { drill: 'text', by: 'text', result: 'text' }, 'An operator stopped a drill.'],
  'drill-forget': [
    'info',
    'drill forget',
    { drill: 'text', by: 'text', result: 'text' },
    'An operator had a drill forgotten that was over.',
  ],
  'rollout-start': [
    'info',
    'rollout start',
    { rollout: 'text', by: 'text', result: 'text' },
    'An operator started a rollout; `result` is `done`, or why not.',
  ],
  'rollout-order': [
    'info',
    'rollout {order}',
    { rollout: 'text', order: 'text', by: 'text', result: 'text' },
    'An operator gave a rollout an order.',
  ],
  'override-set': [
    'info',
    'override set',
    {
      override: 'text',
      kind: 'text',
      at: 'time',
      from: 'time?',
      until: 'time?',
      by: 'text',
      reason: 'text',
      force: 'flag',
      result: 'text',
    },
    'An operator gave an override; `result` is `done`, or why not.',
  ],
  'override-clear': [
    'info',
    'override clear',
    { override: 'text', by: 'text', result: 'text' },
    'An operator cleared an override.',
  ],
  'audit-unwritable': [
    'error',
    'the audit cannot be written',
    { target: 'text', action: 'text', reason: 'text' },
    'What an operator did, or was refused, is not in the audit.',
  ],
  'admin-refused': [
    'warn',
    'admin request refused',
    { address: 'client', code: 'text' },
    'A request to the admin API without a right token or certificate.',
  ],
  'admin-connections-closed': [
    'warn',
    'connections from addresses that are not in admin.allow were closed',
    { address: 'client', connections: 'number' },
    'So many since the last such line; the address is that of the last one.',
  ],
  'admin-failed': [
    'error',
    'admin request failed',
    { route: 'text?', method: 'text', error: 'error' },
    'A request was answered with 500, by a fault of ours. Please report it.',
  ],
  'admin-stream-cut': [
    'warn',
    'stream of events cut',
    { by: 'text', address: 'client', code: 'text' },
    'A reader of `/v1/events` was too slow.',
  ],
  'admin-certificate-read': [
    'info',
    'the certificate of the admin API was read again',
    { certificate: 'text' },
    'Its files changed; new connections are shown the new one.',
  ],
  'admin-certificate-unreadable': [
    'error',
    'the certificate of the admin API cannot be read again',
    { reason: 'text' },
    'The one that was read before stays.',
  ],
  'admin-tokens-read': [
    'info',
    'the tokens of the admin API were read again',
    { file: 'text', tokens: 'number', added: 'text', gone: 'text' },
    'The token file changed; names of tokens that are new, and that are none any more. One that changed is both.',
  ],
  'state-taken-over': [
    'info',
    'the state directory is ours now: what the other process left is in force, and orders are taken',
    { directory: 'text' },
    'Another process had the state directory (`state-in-use`), and ended.',
  ],
  'cli-token-unusable': [
    'error',
    "the state directory cannot be used: the CLI's own token does not work",
    { reason: 'text' },
    'Commands of this machine need a token of `admin.tokens.file` until it can.',
  ],
} as const satisfies Readonly<Record<string, Row>>;

/** The stable code of a line of the log. */
export type LogCode = keyof typeof LOG_EVENTS;

type Fields<Code extends LogCode> = (typeof LOG_EVENTS)[Code][2];

type ValueOf<Kind> = Kind extends `${infer Plain extends keyof Values}?`
  ? Values[Plain] | undefined
  : Kind extends keyof Values
    ? Values[Kind]
    : never;

type Needed<All> = { readonly [Key in keyof All as All[Key] extends keyof Values ? Key : never]: ValueOf<All[Key]> };
type Optional<All> = { readonly [Key in keyof All as All[Key] extends keyof Values ? never : Key]?: ValueOf<All[Key]> };

/** The fields of a line with this code. */
type LogFields<Code extends LogCode> = Needed<Fields<Code>> & Optional<Fields<Code>>;

/** Writes a line of the log. Never throws. */
export type Log = <Code extends LogCode>(event: Code, fields: LogFields<Code>) => void;

/** The message of a line: that of the table, with plain fields in the place of their names; an absent one is empty. */
export function logMessage(event: LogCode, fields: Readonly<Record<string, unknown>>): string {
  return LOG_EVENTS[event][1].replace(/\{(\w+)\}/g, (_name, field: string) => {
    const value = fields[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  });
}
