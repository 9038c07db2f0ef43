import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ALERTS, anchorOf } from '../../deploy/monitoring/source/alerts.ts';
import { monitoringFiles } from '../../deploy/monitoring/source/files.ts';
import { THRESHOLDS, thresholdsMarkdown } from '../../deploy/monitoring/source/thresholds.ts';
import { METRICS } from '../../src/metrics/table.ts';
import { ROOT } from '../house/source-tree.ts';
import { ALERT_CASES, type AlertCase } from './alert-cases.ts';
import { asSeenBy, type Life, named, type Phases, RESTART_AFTER, told, WHO } from './alert-series.ts';
import { STORIES, type Story } from './alert-stories.ts';
import { filled, queryOf } from './board-queries.ts';

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

  it('offers inhibit rules between alerts that there are, by labels that both have', () => {
    const [fragment = ''] = guide.match(/(?<=```yaml\n)inhibit_rules:[\s\S]*?(?=```)/) ?? [];
    const { inhibit_rules: rules }: { inhibit_rules: readonly InhibitRule[] } = parse(fragment);
    expect(rules.length).toBeGreaterThan(3);
    const severities = new Map(ALERTS.map(({ name, severity }) => [name, severity]));
    for (const {
      source_matchers: [source = ''],
      target_matchers: [target = ''],
      equal,
    } of rules) {
      const [from, to] = [namesOf(source), namesOf(target)];
      expect([...from, ...to].filter((name) => !severities.has(name))).toEqual([]);
      expect(to.filter((name) => from.includes(name))).toEqual([]);
      // What waits for the morning hides nothing that wakes somebody.
      if (from.some((name) => severities.get(name) === 'warning')) {
        expect(to.filter((name) => severities.get(name) === 'critical')).toEqual([]);
      }
      const labelled = ALERT_CASES.filter(({ alert }) => [...from, ...to].includes(alert));
      for (const { fires } of labelled) expect(Object.keys(fires[0] ?? {})).toEqual(expect.arrayContaining([...equal]));
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
    const told = [...ALERT_CASES, ...STORIES.flatMap(({ asked }) => asked)].map(({ alert }) => alert);
    expect(ALERTS.map(({ name }) => name).filter((name) => !told.includes(name))).toEqual([]);
    expect(told.filter((name) => !ALERTS.some((alert) => alert.name === name))).toEqual([]);
  });
});

const isInstalled = spawnSync(PROMTOOL, ['--version']).error === undefined;

describe.skipIf(!isInstalled)('Prometheus (skipped where promtool is not installed)', () => {
  it('takes the rules', () => {
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'rules', RULES], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });

  it('fires each alert when it should, is quiet before, and is quiet again after; a restart is no trouble and hides none', () => {
    expect(verdictOf('cases.yaml', testsOf(ALERT_CASES))).toEqual({ status: 0, failed: '' });
  }, 120_000);

  it.each(STORIES)('$name', (story) => {
    expect(verdictOf('story.yaml', [testOf(story)])).toEqual({ status: 0, failed: '' });
  });

  it('marks a change of state on the boards, and no restart, also where one sample a minute is taken', () => {
    const name = named('azimuth_state_changes_total', { cluster: 'eu', state: 'down' });
    const marks = filled(queryOf('overview.json', 'changes of state'));
    const at = (minute: number, isDrawn: boolean) => ({
      expr: `count(${marks}) or on () vector(0)`,
      eval_time: `${minute}m`,
      exp_samples: [{ value: isDrawn ? 1 : 0 }],
    });
    const test = {
      interval: '1m',
      // Three until the restart, none after it, and one more.
      input_series: [{ series: name, values: '2x9 3x9 stale _x1 0x17 1x20' }],
      promql_expr_test: [
        at(9, false),
        at(10, true),
        at(15, false),
        at(22, false),
        at(23, false),
        at(25, false),
        at(40, true),
      ],
    };
    expect(verdictOf('marks.yaml', [test])).toEqual({ status: 0, failed: '' });
  });

  function verdictOf(name: string, tests: readonly object[]): object {
    const file = join(folder, name);
    const all = { rule_files: [RULES], evaluation_interval: '1m', tests };
    writeFileSync(file, stringify(all, { aliasDuplicateObjects: false }));
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['test', 'rules', file], { encoding: 'utf8' });
    return { status, failed: status === 0 ? '' : stdout + stderr };
  }
});

type InhibitRule = {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
};

/** The alerts that a matcher of Alertmanager means: one, or several by a regular expression. */
function namesOf(matcher: string): readonly string[] {
  return (/^alertname=~?"([\w|]+)"$/.exec(matcher)?.[1] ?? 'no matcher of ours').split('|');
}

/** A director that is ill, one that restarts meanwhile, and one that is well: they share a Prometheus. */
const ILL = { [WHO.instance]: 'falls-ill', 'ns4:8053': 'falls-ill-and-restarts', 'ns2:8053': 'stays-well' } as const;
/** Two to whom nothing happens but a restart. */
const WELL = { 'ns2:8053': 'stays-well', 'ns3:8053': 'stays-well-and-restarts' } as const;

/** Cases of one rhythm are told together: their series do not meet, and Prometheus has to begin but once. */
function testsOf(cases: readonly AlertCase[]): readonly object[] {
  const rhythms = [...new Set(cases.map(({ phases }) => phases))];
  return rhythms.flatMap((phases) => {
    const together = cases.filter((each) => each.phases === phases);
    return [
      {
        name: `ill after ${phases.well} minutes`,
        interval: '1m',
        input_series: seriesOf(together, phases, ILL),
        alert_rule_test: together.flatMap(questionsOf),
      },
      {
        name: `a restart after ${phases.well} minutes`,
        interval: '1m',
        input_series: seriesOf(together, phases, WELL),
        alert_rule_test: together.flatMap(({ alert }) =>
          everyFewMinutes(phases).map((minute) => ({ eval_time: `${minute}m`, alertname: alert, exp_alerts: [] })),
        ),
      },
    ];
  });
}

function seriesOf(
  cases: readonly AlertCase[],
  phases: Phases,
  directors: Readonly<Record<string, Life>>,
): readonly object[] {
  const all = new Map<string, string>();
  for (const { series } of cases) {
    for (const [instance, life] of Object.entries(directors)) {
      for (const [name, values] of Object.entries(asSeenBy(instance, series))) {
        all.set(name, told(name, values, phases, life));
      }
    }
    // Those of others are theirs.
    for (const [name, values] of Object.entries(series)) {
      if (!name.includes(WHO.instance)) all.set(name, told(name, values, phases, 'falls-ill'));
    }
  }
  return [...all].map(([series, values]) => ({ series, values }));
}

/** Around the restart and for as long as windows reach; not each minute, which takes promtool long. */
function everyFewMinutes({ well, ill }: Phases): readonly number[] {
  const restart = well + RESTART_AFTER;
  return [
    restart - 1,
    restart,
    restart + 1,
    restart + 2,
    restart + 4,
    restart + 8,
    restart + 12,
    restart + 20,
    well + ill - 1,
  ];
}

/** Asked when all was well to the end, when the trouble begins, when it has lasted, and long after it ended. */
function questionsOf({ alert, phases: { well, ill, again }, fires }: AlertCase): readonly object[] {
  const at = (minute: number, expected: readonly object[]) => {
    return { eval_time: `${minute}m`, alertname: alert, exp_alerts: expected };
  };
  const whom = fires.flatMap((labels) =>
    labels['instance'] === WHO.instance ? [labels, { ...labels, instance: 'ns4:8053' }] : [labels],
  );
  const firing = whom.map((labels) => expectedAlert(alert, labels));
  return [at(well - 1, []), at(well, []), at(well + ill - 1, firing), at(well + ill + again - 1, [])];
}

function testOf({ name, series, asked }: Story): object {
  return {
    name,
    interval: '1m',
    input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
    alert_rule_test: asked.flatMap(({ alert, minutes, fires = [] }) =>
      minutes.map((minute) => ({
        eval_time: `${minute}m`,
        alertname: alert,
        exp_alerts: fires.map((labels) => expectedAlert(alert, labels)),
      })),
    ),
  };
}

function expectedAlert(name: string, labels: Readonly<Record<string, string>>): object {
  const alert = ALERTS.find((each) => each.name === name);
  if (alert === undefined) throw new Error(`there is no alert ${name}`);
  const summary = alert.summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '');
  const runbook = `docs/operations.md#${anchorOf(alert)}`;
  return { exp_labels: { ...labels, severity: alert.severity }, exp_annotations: { summary, runbook_url: runbook } };
}
