/**
 * The demo's gateways. Without arguments all three, with names only those:
 *
 *     npm run gateway -- eu-west
 *
 * Makes the throw-away certificates first, prints each gateway's line of JSON, and ends them when it ends. When a gateway
 * ends by itself it prints one line of JSON about that and goes on with the others.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeCertificates } from './certificates.ts';

const GATEWAYS = [
  { name: 'eu-west', address: '127.0.0.2' },
  { name: 'us-east', address: '127.0.0.3' },
  { name: 'ap-northeast', address: '127.0.0.4' },
] as const;
/** Above 1023, so that nobody needs to be root; the manifests in `examples/clusters` name them. */
const PORTS = { http: '8080', https: '8443' } as const;
const HOSTNAMES = ['*.gslb.example', '*.apps.gslb.example'];
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Whoever forked us is gone, and our own gateways go with us.
process.on('disconnect', () => process.exit(0));

const names = process.argv.slice(2);
const unknown = names.find((name) => !GATEWAYS.some((gateway) => gateway.name === name));
if (unknown === undefined) await start();
else {
  process.stderr.write(`there is no gateway "${unknown}": ${GATEWAYS.map(({ name }) => name).join(', ')}\n`);
  process.exitCode = 2;
}

async function start(): Promise<void> {
  const { certFile, keyFile } = await makeCertificates(here('../.demo'), HOSTNAMES);
  for (const { name, address } of GATEWAYS.filter((each) => names.length === 0 || names.includes(each.name))) {
    const where = ['--name', name, '--address', address, '--http', PORTS.http, '--https', PORTS.https];
    const child = fork(here('gateway.ts'), [...where, '--cert', certFile, '--key', keyFile]);
    child.on('exit', (code, signal) => {
      process.stdout.write(`${JSON.stringify({ ended: true, name, address, code, signal })}\n`);
    });
  }
}
