import { join, relative } from 'node:path';
import type { Azimuth } from '../compose/compose.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { addressText } from './address-text.ts';
import { EXAMPLE_CONFIG } from './admin-client.ts';
import { bold, dim } from './colour.ts';
import { type Command, EXIT, UsageError } from './command.ts';
import { configText } from './config-text.ts';
import { type DemoGateway, startDemoGateways } from './demo-gateways.ts';
import { nextFreeAddress } from './free-port.ts';
import { VERSION } from './version.ts';

/** `azimuth demo`, which is `azimuth` without arguments: the director on `examples/` with three real gateways. */
export const demoCommand: Command = {
  name: 'demo',
  usage: 'azimuth [demo]',
  summary: 'run the director on examples/ with three real gateways',
  most: 0,
  options: {},
  run: runDemo,
};

/** Client subnets to try: cloud regions that the embedded country data places well enough. */
const CLIENTS = [
  { city: 'Frankfurt', subnet: '3.120.0.0/24', cluster: 'eu-west' },
  { city: 'Virginia', subnet: '3.80.0.0/24', cluster: 'us-east' },
  { city: 'Tokyo', subnet: '13.112.0.0/24', cluster: 'ap-northeast' },
] as const;

async function runDemo(): Promise<number> {
  const loaded = await loadConfig(EXAMPLE_CONFIG, process.env);
  if (loaded.kind === 'invalid') throw new UsageError(configText(loaded.problems));
  let say = (line: string): void => void process.stderr.write(`${line}\n`);
  const gateways = await startDemoGateways((name) =>
    say(`gateway ${name} has ended; start it again with: npm run gateway -- ${name}`),
  );
  try {
    const config = await withFreePorts(loaded.config);
    const { runSession } = await import('./session.ts');
    await runSession(config, loaded.findings, {
      head: (azimuth) => demoText(azimuth, config.state.directory, gateways.gateways),
      onVoice(speak) {
        say = speak;
      },
    });
  } finally {
    await gateways.stop();
  }
  return EXIT.ok;
}

/** The demo must start beside whatever runs already; a real director insists on its ports. */
async function withFreePorts(config: Config): Promise<Config> {
  const dns = await Promise.all(config.dns.listen.map((address) => nextFreeAddress(address, 'dns')));
  const admin = await nextFreeAddress(config.admin.listen, 'admin');
  return { ...config, dns: { ...config.dns, listen: dns }, admin: { ...config.admin, listen: admin } };
}

function demoText(director: Azimuth, state: string, gateways: readonly DemoGateway[]): string {
  const { dns, admin } = director.listening();
  const { host, port } = dns[0]!;
  const dig = `dig @${host} -p ${port} +noall +answer`;
  const api = `http://${addressText(admin[0]!)}`;
  const token = relative(process.cwd(), join(state, 'admin-token'));
  const moved = admin[0]!.port === 8053 ? '' : `AZIMUTH_ADMIN_LISTEN=${addressText(admin[0]!)} `;
  const azimuth = `${moved}npm run azimuth --`;
  const [first] = gateways;
  return [
    `${bold(`Azimuth ${VERSION}`)}  DNS on ${addressText(dns[0]!)}, admin API on ${api}`,
    '',
    dim('# Ask as a client in Frankfurt, Virginia or Tokyo; each gets its own cluster.'),
    ...CLIENTS.map(
      ({ city, subnet, cluster }) => `${dig} +subnet=${subnet} shop.gslb.example  ${dim(`# ${city}: ${cluster}`)}`,
    ),
    dim('# Weighted 80/20, failover tiers, residency in the EU, a wildcard, an alias.'),
    `${dig} api.gslb.example bank.gslb.example any.apps.gslb.example www.gslb.example`,
    `${dig} +subnet=${CLIENTS[0].subnet} records.gslb.example`,
    dim('# Why this answer?'),
    `${azimuth} explain shop.gslb.example --from 3.120.0.1`,
    dim(`# Kill ${first!.name}'s gateway and ask again after some seconds; then start it again in another terminal.`),
    `kill ${first!.pid}`,
    `npm run gateway -- ${first!.name}`,
    dim('# Drain a cluster, and bring it back.'),
    `${azimuth} drain us-east --reason "trying it out"`,
    `${azimuth} undrain us-east`,
    dim('# A failure drill: what moves, how fast, and that it comes back.'),
    `${azimuth} drill start out --fail --cluster eu-west --hostname "shop.*" --for 30s --reason "trying it out"`,
    `${azimuth} drill watch out`,
    dim('# All of it by HTTP: a page to read and try, with a token.'),
    `cat ${token}; xdg-open ${api}/docs`,
    '',
    dim('Ctrl-C ends the demo and its gateways. IP geolocation by DB-IP (https://db-ip.com).'),
  ].join('\n');
}
