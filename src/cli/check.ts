import { rehearse } from '../compose/rehearse.ts';
import { loadConfig } from '../config/load.ts';
import type { Finding } from '../core/desired/finding.ts';
import { configFile } from './admin-client.ts';
import { type Command, EXIT, type Invocation } from './command.ts';
import { configText } from './config-text.ts';
import { findingText } from './finding-text.ts';

/** `azimuth check`: the configuration and the manifests read as `run` reads them, without opening a socket. */
export const checkCommand: Command = {
  name: 'check',
  usage: 'azimuth check [--config FILE] [--json]',
  summary: 'read configuration and manifests, list findings; exit 1 if one is an error',
  options: { config: { type: 'string', short: 'c' }, json: { type: 'boolean' } },
  run: check,
};

async function check(invocation: Invocation): Promise<number> {
  const file = configFile(invocation);
  const loaded = await loadConfig(file, process.env);
  const asJson = invocation.options['json'] === true;
  if (loaded.kind === 'invalid') {
    if (asJson) process.stdout.write(`${JSON.stringify({ file, problems: loaded.problems }, null, 2)}\n`);
    else process.stderr.write(`azimuth: ${configText(loaded.problems)}\n`);
    return EXIT.failed;
  }
  const { model, findings } = await rehearse(loaded.config);
  const all = [...loaded.findings, ...findings];
  const errors = all.filter(({ severity }) => severity === 'error').length;
  if (asJson) {
    const hostnames = model.hostnames.map(({ name, endpoints }) => ({ name, endpoints: endpoints.length }));
    process.stdout.write(`${JSON.stringify({ file, hostnames, findings: all }, null, 2)}\n`);
  } else {
    for (const each of all) process.stdout.write(`${findingText(each)}\n`);
    process.stdout.write(`${summary(file, model.hostnames.length, all)}\n`);
  }
  return errors > 0 ? EXIT.failed : EXIT.ok;
}

function summary(file: string, hostnames: number, findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']): number => findings.filter((each) => each.severity === severity).length;
  const found = `${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes`;
  return `${file}: ${hostnames} hostnames would be served; ${found}`;
}
