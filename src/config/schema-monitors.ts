import { Type } from 'typebox';
import { isMonitorName } from '../core/desired/annotations/monitor-values.ts';
import type { SettingKey } from '../core/desired/annotations/setting.ts';
import { ANNOTATIONS } from '../core/desired/annotations/table.ts';
import { choice, closed, duration, integer, number, text } from './schema-keys.ts';
import { prometheusServer } from './schema-prometheus.ts';

/** Most entries of `monitors`. */
export const MAX_NAMED_MONITORS = 500;
/** Most monitors that one entry of `monitors` is made of. */
const MAX_MEMBERS = 64;

/** A setting that annotations have, too, read as they read it. */
const asAnnotation = (annotation: SettingKey, help: string) => {
  const { form, parse } = ANNOTATIONS[annotation];
  return Type.Refine(
    Type.Union([Type.String(), Type.Integer()], { expected: form, help, shown: 'as for other probes' }),
    (value) => parse(String(value)) !== undefined,
  );
};

const monitorName = (help: string) =>
  Type.Refine(
    Type.String({ expected: 'a name of at most 63 lower-case letters, digits and hyphens', help }),
    isMonitorName,
  );

const memberNames = (help: string) =>
  Type.Array(monitorName(help), {
    minItems: 1,
    maxItems: MAX_MEMBERS,
    expected: `a list of 1 to ${MAX_MEMBERS} names of monitors`,
  });

/** One entry of `monitors`. */
export const NamedMonitor = Type.Object(
  {
    name: monitorName('Name of the monitor, as annotations and other monitors call it.'),
    all: Type.Optional(memberNames('Up while all of these monitors are.')),
    any: Type.Optional(memberNames('Up while one of these monitors is.')),
    'at-least': Type.Optional(
      Type.Object(
        {
          count: integer(1, MAX_MEMBERS, { help: 'Up while so many of the monitors are.' }),
          of: memberNames('The monitors.'),
        },
        { ...closed, expected: 'a mapping like { count: 2, of: [a, b, c] }' },
      ),
    ),
    not: Type.Optional(monitorName('Up while this monitor is down.')),
    probe: Type.Optional(
      text({ expected: 'a probe of an IP address like "https://192.0.2.10:443/cart"', help: 'Probe this address.' }),
    ),
    host: Type.Optional(text({ expected: 'a hostname', help: 'SNI and Host of the probe.' })),
    interval: Type.Optional(asAnnotation('probe-interval', 'From one probe to the next.')),
    timeout: Type.Optional(asAnnotation('probe-timeout', 'Longest time of one probe.')),
    rise: Type.Optional(asAnnotation('probe-rise', 'Successes in a row that bring it up.')),
    fall: Type.Optional(asAnnotation('probe-fall', 'Failures in a row that bring it down.')),
    expect: Type.Optional(asAnnotation('probe-expect', 'What a good response looks like.')),
    prometheus: Type.Optional(
      Type.Object(
        {
          ...prometheusServer(),
          above: Type.Optional(number(-1e300, 1e300, { help: 'It is bad while the value is above this.' })),
          below: Type.Optional(number(-1e300, 1e300, { help: 'It is bad while the value is below this.' })),
          for: integer(1, 100, { default: 2, help: 'Values in a row that make it bad, or good again.' }),
          means: choice(['down', 'degraded'], { default: 'down', help: 'What a bad one is.' }),
        },
        { ...closed, expected: 'a mapping like { url: "http://192.0.2.5:9090", expr: "load", above: 0.9 }' },
      ),
    ),
    external: Type.Optional(
      Type.Object(
        {
          expires: duration('1s', '24h', { default: '5m', help: 'A pushed result counts for so long, at most.' }),
          'when-expired': choice(['unseen', 'down'], {
            default: 'unseen',
            help: 'What holds when nothing was pushed for so long.',
          }),
        },
        { ...closed, expected: 'a mapping like { expires: 5m }' },
      ),
    ),
    cluster: Type.Optional(text({ expected: 'the name of a cluster', help: 'The cluster whose load it tells.' })),
    load: Type.Optional(
      Type.Object(
        {
          prometheus: Type.Optional(
            Type.Object(prometheusServer(), {
              ...closed,
              expected: 'a mapping like { url: "http://192.0.2.5:9090", expr: "sum(rate(requests[1m]))" }',
            }),
          ),
          external: Type.Optional(
            Type.Object(
              { expires: duration('1s', '24h', { default: '1m', help: 'A pushed load counts for so long, at most.' }) },
              { ...closed, expected: 'a mapping like { expires: 1m }' },
            ),
          ),
        },
        { ...closed, expected: 'a mapping with prometheus or external' },
      ),
    ),
  },
  { ...closed, help: 'Monitors that annotations can name (docs/monitors.md).' },
);
