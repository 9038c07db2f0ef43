import { resolve } from 'node:path';
import { type Static, type TSchema, Type } from 'typebox';
import { Check, Default } from 'typebox/value';
import { controlTarget } from '../core/desired/control-targets.ts';
import { type Finding, finding, type Origin } from '../core/desired/finding.ts';
import { parseHostname } from '../core/desired/gateway-api/hostnames.ts';
import type { ConditionsMode, ProbeDefaults } from '../core/desired/model.ts';
import { quote } from '../core/desired/quote.ts';
import type { BreakerSettings } from '../core/health/breaker-terms.ts';
import type { IdleSettings } from '../core/health/idle-book.ts';
import { buildAdmin } from './admin.ts';
import type { Assembly } from './assembly.ts';
import type { Config } from './config.ts';
import { parseDuration } from './duration.ts';
import { parseListenAddress } from './listen-address.ts';
import type { Complain } from './problem.ts';
import { buildSafety } from './safety.ts';
import { Annotations, Dns, Feedback, Gateways, Geoip, Log, Resolver, State } from './schema.ts';
import { Admin } from './schema-admin.ts';
import { Prober } from './schema-prober.ts';
import { Safety } from './schema-safety.ts';
import { isMapping } from './shape.ts';

/**
 * The value where it fits; else what is left without the parts that do not, where their defaults can stand in for them.
 * The shape check has complained of those already: this is so that the other parts are checked to the end, too.
 */
export function fitting<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> | undefined {
  if (Check(schema, value)) return value;
  const salvaged = Default(schema, salvage(schema, value));
  return Check(schema, salvaged) ? salvaged : undefined;
}

function salvage(schema: TSchema, value: unknown): unknown {
  if (!Type.IsObject(schema) || !isMapping(value)) return undefined;
  const parts = Object.entries(schema.properties).flatMap(([key, inner]) => {
    if (Check(inner, value[key])) return [[key, value[key]] as const];
    return hasDefault(inner) ? [[key, salvage(inner, value[key])] as const] : [];
  });
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function hasDefault(schema: TSchema): boolean {
  return 'default' in schema;
}

/** All settings but zones and clusters. */
export type Settings = Omit<
  Config,
  'file' | 'directory' | 'declaration' | 'maps' | 'sources' | 'liveSources' | 'clusterSecrets'
> & {
  readonly findings: readonly Finding[];
  readonly probe: ProbeDefaults;
  readonly conditions: ConditionsMode;
  readonly prefix: string;
};

/** The sections that are not lists. Undefined where one of them does not fit. */
export function buildSections(value: Readonly<Record<string, unknown>>, assembly: Assembly): Settings | undefined {
  const dns = fitting(Dns, value['dns']);
  const admin = fitting(Admin, value['admin']);
  const gateways = fitting(Gateways, value['gateways']);
  const resolver = fitting(Resolver, value['resolver']);
  const prober = fitting(Prober, value['prober']);
  const safety = fitting(Safety, value['safety']);
  const geoip = fitting(Geoip, value['geoip']);
  const state = fitting(State, value['state']);
  const feedback = fitting(Feedback, value['feedback']);
  const log = fitting(Log, value['log']);
  const annotations = fitting(Annotations, value['annotations']);
  const builtDns = dns && buildDns(dns, assembly);
  const builtAdmin = admin && buildAdmin(admin, assembly);
  if (!dns || !builtDns || !builtAdmin || !prober || !geoip || !state || !log) return undefined;
  if (!annotations || !feedback || !gateways || !resolver || !safety) return undefined;
  const { overrides, directory } = assembly;
  const fromFile = (path: string | undefined): string | undefined => path && resolve(directory, path);
  const probe = buildProbe(prober, assembly.complain);
  return {
    dns: builtDns,
    admin: builtAdmin.config,
    geoip: { database: fromFile(geoip.database), asnDatabase: fromFile(geoip['asn-database']) },
    resolver: { servers: resolver.servers },
    prober: {
      trustFile: fromFile(prober.trust),
      concurrency: prober.concurrency,
      headers: prober.headers.map(({ hosts, file }) => ({
        hosts: hosts.flatMap((host) => parseHostname(host) ?? []),
        file: resolve(directory, file),
      })),
      certificateWarningMs: parseDuration(prober['certificate-warning']) ?? 0,
      defaults: probe,
      controls: prober.control.flatMap((text) => controlTarget(text) ?? []),
      breaker: buildBreaker(prober.breaker),
      idle: buildIdle(prober, assembly.complain),
    },
    safety: buildSafety(safety, assembly.complain),
    feedback: { status: feedback.status, events: feedback.events },
    state: {
      directory: overrides.stateDirectory ? resolve(overrides.stateDirectory) : resolve(directory, state.directory),
    },
    log: { level: overrides.logLevel ?? log.level, format: log.format, clientAddresses: log['client-addresses'] },
    findings: [...unusedWorkers(dns, assembly.originOf(['dns', 'workers'])), ...builtAdmin.findings],
    probe,
    conditions: gateways.conditions,
    prefix: annotations.prefix,
  };
}

function buildDns(dns: Static<typeof Dns>, { overrides, complain }: Assembly): Config['dns'] {
  const seen = new Set<string>();
  const listed = dns.listen.flatMap((text, index) => {
    const address = parseListenAddress(text);
    if (address === undefined) return [];
    const key = `${address.host} ${address.port}`;
    if (seen.has(key) && address.port !== 0) {
      complain(['dns', 'listen', index], { expected: 'each address once', found: `${quote(text)} again` });
    }
    seen.add(key);
    return [address];
  });
  return {
    listen: overrides.dnsListen ?? listed,
    engine: dns.engine,
    workers: typeof dns.workers === 'number' ? dns.workers : 'auto',
    udpSize: dns['udp-size'],
    identity: dns.identity,
    tcpConnections: dns.tcp.connections,
    tcpIdleMs: parseDuration(dns.tcp.idle) ?? 0,
  };
}

function buildProbe(prober: Static<typeof Prober>, complain: Complain): ProbeDefaults {
  const { rise, fall } = prober;
  const [intervalMs, timeoutMs] = [parseDuration(prober.interval) ?? 0, parseDuration(prober.timeout) ?? 0];
  if (timeoutMs > intervalMs) {
    const expected = `a timeout of at most the interval, ${prober.interval}`;
    complain(['prober', 'timeout'], { expected, found: quote(prober.timeout) });
  }
  const { allow } = prober;
  return { intervalMs, timeoutMs, rise, fall, ...(allow.length === 0 ? {} : { allow }) };
}

function buildBreaker(breaker: Static<typeof Prober>['breaker']): BreakerSettings {
  const { share, window, longest } = breaker;
  const [windowMs, longestMs] = [parseDuration(window) ?? 0, parseDuration(longest) ?? 0];
  return { share: share / 100, windowMs, atLeast: breaker['at-least'], longestMs };
}

function buildIdle({ idle, interval }: Static<typeof Prober>, complain: Complain): IdleSettings | undefined {
  if (idle === undefined) return undefined;
  const [afterMs, intervalMs] = [parseDuration(idle.after) ?? 0, parseDuration(idle.interval) ?? 0];
  if (intervalMs <= (parseDuration(interval) ?? 0)) {
    complain(['prober', 'idle', 'interval'], {
      expected: `longer than the interval of the others, ${interval}`,
      found: quote(idle.interval),
    });
  }
  return { afterMs, intervalMs };
}

function unusedWorkers({ engine, workers }: Static<typeof Dns>, origin: Origin): readonly Finding[] {
  if (engine !== 'portable' || workers === 'auto' || workers === 1) return [];
  const message = `dns.workers is ${workers}, but the portable engine answers on one thread.`;
  return [finding('config-not-in-effect', origin, message, 'Leave it at "auto".')];
}
