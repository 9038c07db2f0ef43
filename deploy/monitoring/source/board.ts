import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type BoardPanel, DATASOURCE } from './panels.ts';

/** A variable of a board: the values of a label. */
export type Variable = {
  readonly name: string;
  readonly label: string;
  readonly values: string;
  /** What "All" stands for: anything, or each of the values and nothing else. */
  readonly all?: 'anything' | 'each';
};

/** A board. */
export type BoardSpec = {
  /** The end of its uid, and the name of its file. */
  readonly name: string;
  readonly title: string;
  /** For whom it is, and what it does not show. */
  readonly about: string;
  readonly variables?: readonly Variable[];
  readonly panels: readonly BoardPanel[];
};

/** What every expression of a board selects. */
export const HERE = 'job=~"$job", instance=~"$instance"';

/**
 * The same of the page of the probes, where `instance` is the probed URL and `director` who probed; a blackbox exporter has no label
 * of that name.
 */
export const PROBED_HERE = 'director!="", director=~"$instance"';

const DIRECTORS: readonly Variable[] = [
  // Each: `up` and the like have series of others.
  { name: 'job', label: 'job', values: 'label_values(azimuth_build_info, job)', all: 'each' },
  { name: 'instance', label: 'director', values: 'label_values(azimuth_build_info{job=~"$job"}, instance)' },
];

/** One cluster or more, also of which nothing is known yet. */
export const CLUSTER: Variable = {
  name: 'cluster',
  label: 'cluster',
  values: `label_values(azimuth_cluster_drained{${HERE}}, cluster)`,
};

/** One zone or more. */
export const ZONE: Variable = {
  name: 'zone',
  label: 'zone',
  values: `label_values(azimuth_dns_zone_answers_total{${HERE}}, zone)`,
};

/**
 * What happens by itself and changes the answers: drawn as marks on every graph. `increase` does not take a restart for a change;
 * two minutes hold two samples where one a minute is taken.
 */
const FLIPS = `max by (cluster, state) (increase(azimuth_state_changes_total{${HERE}}[2m])) > 0`;

/** The board as Grafana takes it. */
export function board({ name, title, about, variables = [], panels }: BoardSpec): Dashboard {
  const builder = new DashboardBuilder(`Azimuth: ${title}`)
    .uid(`azimuth-${name}`)
    .description(about)
    .tags(['azimuth'])
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('data source').type('prometheus'))
    .annotation(
      new AnnotationQueryBuilder()
        .name('changes of state')
        .datasource(DATASOURCE)
        .enable(true)
        .iconColor('orange')
        .expr(FLIPS)
        .titleFormat('{{cluster}} {{state}}')
        .step('30s'),
    );
  for (const variable of [...DIRECTORS, ...variables]) builder.withVariable(queryVariable(variable));
  for (const panel of panels) builder.withPanel(panel);
  return builder.build();
}

function queryVariable({ name, label, values, all = 'anything' }: Variable): QueryVariableBuilder {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(values)
    .definition(values)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: 'All', value: '$__all' });
  return all === 'anything' ? variable.allValue('.*') : variable;
}
