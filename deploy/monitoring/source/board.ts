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
export type Variable = { readonly name: string; readonly label: string; readonly values: string };

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

const DIRECTORS: readonly Variable[] = [
  { name: 'job', label: 'job', values: 'label_values(azimuth_build_info, job)' },
  { name: 'instance', label: 'director', values: 'label_values(azimuth_build_info{job=~"$job"}, instance)' },
];

/** One cluster or more. */
export const CLUSTER: Variable = {
  name: 'cluster',
  label: 'cluster',
  values: `label_values(azimuth_cluster_state{${HERE}}, cluster)`,
};

/** One zone or more. */
export const ZONE: Variable = {
  name: 'zone',
  label: 'zone',
  values: `label_values(azimuth_dns_zone_answers_total{${HERE}}, zone)`,
};

/** What happens by itself and changes the answers: drawn as marks on every graph. */
const FLIPS = `sum by (cluster, state) (changes(azimuth_state_changes_total{${HERE}}[1m])) > 0`;

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

function queryVariable({ name, label, values }: Variable): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(values)
    .definition(values)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}
