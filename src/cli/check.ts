import { loadConfig } from '../config/load.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { Model } from '../core/desired/model.ts';
import { ownershipOf } from '../core/desired/teams/ownership.ts';
import { NO_TEAMS } from '../core/desired/teams/team.ts';
import { configFile } from './admin-client.ts';
import { type Command, EXIT, type Invocation } from './command.ts';
import { configText } from './config-text.ts';
import { countText } from './count-text.ts';
import { findingText } from './finding-text.ts';

/** `azimuth check`: the configuration and the manifests read as `run` reads them, without opening a socket. */
export const checkCommand: Command = {
  name: 'check',
  usage: 'azimuth check [--config FILE] [--json]',
  summary: 'read configuration and manifests, list findings; exit 1 if one is an error',
  most: 0,
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
  const { rehearse } = await import('../compose/rehearse.ts');
  const { model, findings } = await rehearse(loaded.config);
  const all = [...loaded.findings, ...findings];
  const errors = all.filter(({ severity }) => severity === 'error').length;
  if (asJson) {
    const hostnames = model.hostnames.map(({ name, endpoints }) => ({ name, endpoints: endpoints.length }));
    const teams = hostnamesByTeam(model).map(([name, own]) => ({ name, hostnames: own }));
    process.stdout.write(`${JSON.stringify({ file, hostnames, teams, findings: all }, null, 2)}\n`);
  } else {
    for (const each of all) process.stdout.write(`${findingText(each)}\n`);
    for (const [team, own] of hostnamesByTeam(model)) process.stdout.write(`team ${team}: ${own} hostnames\n`);
    process.stdout.write(`${summary(file, model.hostnames.length, all)}\n`);
  }
  return errors > 0 ? EXIT.failed : EXIT.ok;
}

/** How many hostnames of its own each team would have served. */
function hostnamesByTeam({ teams = NO_TEAMS, hostnames }: Model): readonly (readonly [team: string, count: number])[] {
  const { ownerOf } = ownershipOf(teams);
  const counts = new Map(teams.map(({ name }) => [name, 0]));
  for (const { name } of hostnames) {
    const owner = ownerOf(name)?.name;
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return [...counts];
}

function summary(file: string, hostnames: number, findings: readonly Finding[]): string {
  const count = (severity: Finding['severity'], word: string = severity): string =>
    countText(findings.filter((each) => each.severity === severity).length, word);
  const found = `${count('error')}, ${count('warning')}, ${count('info', 'note')}`;
  return `${file}: ${countText(hostnames, 'hostname')} would be served; ${found}`;
}
