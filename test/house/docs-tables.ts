import { describeConfig } from '../../src/config/describe.ts';
import { ANNOTATIONS } from '../../src/core/desired/annotations/table.ts';
import { FINDINGS } from '../../src/core/desired/finding.ts';
import { LOG_EVENTS } from '../../src/core/log-events.ts';

const WRITTEN = (table: string): string =>
  `This page is written from the table in \`${table}\`: change the table, then run \`npm run docs\`. A test compares the two.`;

/** `docs/findings.md`. */
export function findingsMarkdown(): string {
  const rows = Object.entries(FINDINGS).map(
    ([code, [severity, meaning]]) => `| \`${code}\` | ${severity} | ${meaning} |`,
  );
  return page('Findings', [
    'A finding is something about your input that you should know: it has a stable code, a place (file and line, or the',
    'object) and mostly a suggestion. Findings never stop the process and never take a good answer away. They are printed by',
    '`azimuth check`, listed at `GET /v1/findings`, logged, and counted by `azimuth_findings`.',
    '',
    '`error`: something asked for is not served. `warning`: served, but not as written. `info`: worth knowing.',
    '',
    WRITTEN('src/core/desired/finding.ts'),
    '',
    '| code | severity | meaning |',
    '|---|---|---|',
    ...rows,
  ]);
}

/** `docs/events.md`. */
export function eventsMarkdown(): string {
  const rows = Object.entries(LOG_EVENTS).map(([code, [level, message, fields, meaning]]) => {
    const named = Object.entries(fields).map(([name, kind]) => `\`${name}\` ${kind}`);
    return `| \`${code}\` | ${level} | ${escaped(message)} | ${named.join(', ')} | ${escaped(meaning)} |`;
  });
  return page('Log events', [
    'Every line of the log is one of these. Codes and fields are stable: build on them. Messages are for people, and may change.',
    'What the lines look like, what is not in them and how many there are at most: [operations.md](operations.md#the-log). What happens',
    'to clusters, monitors and orders can also be followed at `GET /v1/events` ([admin-api.md](admin-api.md)); those events are not these.',
    '',
    'Beside its own fields a line has `time` (RFC 3339, UTC), `level`, `name` (`azimuth`), `event` and `msg`. A field of the kind `time` is',
    'RFC 3339 as well; `client` is an IP address, or the network that it is in, by `log.client-addresses`; `data` and `error` are JSON. With',
    '`?` a field can be absent. The first field is what a line is about.',
    '',
    'No field holds a secret. In texts that quote somebody else, `[redacted]` stands in the place of what looks like one: values behind names such as',
    '`password`, `client_secret`, `access_token` or `X-Api-Key`, in JSON, headers, queries, forms and assignments; user and password of a URL; what',
    'follows `Bearer` or `Basic`; JSON web tokens and private keys. It rather takes too much than too little: behind `password:` the rest of the line.',
    'A secret that stands in a sentence under no such name is not known as one.',
    '',
    WRITTEN('src/core/log-events.ts'),
    '',
    '| event | level | message | fields | meaning |',
    '|---|---|---|---|---|',
    ...rows,
  ]);
}

/** `docs/annotations.md`. */
export function annotationsMarkdown(): string {
  const rows = Object.entries(ANNOTATIONS).map(([key, { form, default: value, on, meaning }]) => {
    return `| \`${key}\` | ${escaped(form)} | ${value === '' ? '' : `\`${value}\``} | ${on.join(', ')} | ${escaped(meaning)} |`;
  });
  return page('Annotations', [
    'All keys have the prefix `azimuth.dev/` (configurable: `annotations.prefix`). The nearer one wins: Route over ListenerSet',
    "over Gateway over the cluster's entry in the configuration over the default. A value that does not parse is a finding, and",
    'the next less specific valid value counts. Clusters that disagree on a hostname are decided by one rule:',
    '[decision 4](decisions/0004-disagreeing-clusters.md).',
    '',
    WRITTEN('src/core/desired/annotations/table.ts'),
    '',
    '| key | value | default | on | meaning |',
    '|---|---|---|---|---|',
    ...rows,
  ]);
}

/** `docs/configuration.md`. */
export function configurationMarkdown(): string {
  const rows = describeConfig().map(
    ({ key, type, default: value, unit, help }) =>
      `| \`${key}\` | ${escaped(type)} | ${escaped(value)} | ${unit} | ${escaped(help)} |`,
  );
  return page('Configuration', [
    'One YAML file, given by `--config`. Paths in it are relative to its folder. Unknown keys are refused with the nearest known',
    'one; all problems are reported at once, each with file, line, the path of the key and what was expected.',
    '`examples/azimuth.yaml` is a whole one.',
    '',
    'Four environment variables override what differs by machine: `AZIMUTH_DNS_LISTEN` (comma separated),',
    '`AZIMUTH_ADMIN_LISTEN`, `AZIMUTH_STATE_DIRECTORY`, `AZIMUTH_LOG_LEVEL`. The CLI also reads `AZIMUTH_ADMIN_TOKEN`,',
    '`AZIMUTH_ADMIN_URL`, `AZIMUTH_ADMIN_CA`, `AZIMUTH_ADMIN_CERT` and `AZIMUTH_ADMIN_KEY`.',
    '',
    WRITTEN('src/config/schema.ts'),
    '',
    '| key | value | default | unit | what it does |',
    '|---|---|---|---|---|',
    ...rows,
  ]);
}

function page(title: string, lines: readonly string[]): string {
  return [`# ${title}`, '', ...lines, ''].join('\n');
}

/** A bar would end the table's cell. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
