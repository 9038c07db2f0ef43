import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ALERTS, anchorOf } from '../../deploy/monitoring/source/alerts.ts';
import { monitoringFiles } from '../../deploy/monitoring/source/files.ts';
import { THRESHOLDS, thresholdsMarkdown } from '../../deploy/monitoring/source/thresholds.ts';
import { METRICS } from '../../src/metrics/table.ts';
import { ROOT } from '../house/source-tree.ts';
import { ALERT_CASES, type AlertCase } from './alert-cases.ts';

const PROMTOOL: string = 'promtool';
const RULES = join(ROOT, 'deploy/monitoring/alerts.yaml');
const folder = mkdtempSync(join(tmpdir(), 'azimuth-alerts-'));

afterAll(() => rmSync(folder, { recursive: true }));

describe('what is made of deploy/monitoring/source', () => {
  it.each([...monitoringFiles()])('%s is what npm run dashboards writes', (path, text) => {
    expect(readFileSync(join(ROOT, 'deploy/monitoring', path), 'utf8')).toBe(text);
  });
});

describe("the operators' guide", () => {
  const guide = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

  it('has a section for each alert: what it means, what to look at, what to do', () => {
    for (const alert of ALERTS) {
      const [, section = ''] = guide.split(new RegExp(`^#+ ${anchorOf(alert)}$`, 'im'));
      const [text = ''] = section.split(/^#/m);
      for (const part of ['**Means**', '**Look at**', '**Do**']) expect(text, alert.name).toContain(part);
    }
  });

  it('has the thresholds of the rules', () => {
    expect(guide).toContain(thresholdsMarkdown());
    for (const { warning, critical } of Object.values(THRESHOLDS)) expect(warning).toBeLessThan(critical);
  });
});

describe('the rules', () => {
  it('read no series of ours that nobody gives', () => {
    const text = readFileSync(RULES, 'utf8');
    const read = new Set(
      [...text.matchAll(/\bazimuth_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, '')),
    );
    expect([...read].filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
    expect(read.size).toBeGreaterThan(15);
  });

  it('have a story each', () => {
    expect(ALERT_CASES.map(({ alert }) => alert)).toEqual(ALERTS.map(({ name }) => name));
  });
});

const isInstalled = spawnSync(PROMTOOL, ['--version']).error === undefined;

describe.skipIf(!isInstalled)('Prometheus (skipped where promtool is not installed)', () => {
  it('takes the rules', () => {
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'rules', RULES], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });

  it('fires each alert when it should, is quiet before, and is quiet again after', () => {
    const file = join(folder, 'tests.yaml');
    const tests = { rule_files: [RULES], evaluation_interval: '1m', tests: testsOf(ALERT_CASES) };
    writeFileSync(file, stringify(tests, { aliasDuplicateObjects: false }));
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['test', 'rules', file], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  }, 60_000);
});

/** Stories of one rhythm are told together: their series do not meet, and Prometheus has to begin but once. */
function testsOf(cases: readonly AlertCase[]): readonly object[] {
  const rhythms = [...new Set(cases.map(({ phases }) => phases))];
  return rhythms.map((phases) => {
    const told = cases.filter((each) => each.phases === phases);
    const series = new Map(told.flatMap((each) => Object.entries(each.series)));
    return {
      interval: '1m',
      input_series: [...series].map(([name, values]) => ({ series: name, values })),
      alert_rule_test: told.flatMap(questionsOf),
    };
  });
}

/** Asked when all was well to the end, when the trouble begins, when it has lasted, and long after it ended. */
function questionsOf({ alert, phases: { well, ill, again }, fires }: AlertCase): readonly object[] {
  const at = (minute: number, expected: readonly object[]) => {
    return { eval_time: `${minute}m`, alertname: alert, exp_alerts: expected };
  };
  const firing = fires.map((labels) => expectedAlert(alert, labels));
  return [at(well - 1, []), at(well, []), at(well + ill - 1, firing), at(well + ill + again - 1, [])];
}

function expectedAlert(name: string, labels: Readonly<Record<string, string>>): object {
  const alert = ALERTS.find((each) => each.name === name);
  if (alert === undefined) throw new Error(`there is no alert ${name}`);
  const summary = alert.summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '');
  const runbook = `docs/operations.md#${anchorOf(alert)}`;
  return { exp_labels: { ...labels, severity: alert.severity }, exp_annotations: { summary, runbook_url: runbook } };
}
