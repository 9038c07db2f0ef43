import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  BigValueColorMode,
  BigValueTextMode,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** What a panel asks, and what its series are called. */
type Query = { readonly expr: string; readonly legend?: string };

/** What all panels say of themselves. */
export type PanelSpec = {
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly about: string;
  /** As Grafana names units. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Where the axis begins: at 0, or at the lowest value where it may be below. */
  readonly from?: 'zero' | 'anywhere';
  /** Of 24 columns. */
  readonly width?: number;
  readonly bounds?: Bounds;
};

/** From which value on something is worth a look, and is bad. */
type Bounds = { readonly warning?: number; readonly critical?: number };

/** The data source that the variable of every board names. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** A panel on a board. */
export type BoardPanel = Builder<Panel>;

/** One number. */
export function number({ title, about, unit, queries, width = 4, bounds }: PanelSpec): BoardPanel {
  return new StatBuilder()
    .title(title)
    .description(about)
    .datasource(DATASOURCE)
    .unit(unit)
    .span(width)
    .height(4)
    .colorMode(bounds === undefined ? BigValueColorMode.None : BigValueColorMode.Background)
    .thresholds(steps(bounds))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .textMode(
      queries.some(({ legend }) => legend !== undefined) ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto,
    )
    .targets(queries.map((query, index) => targetOf(query, index).instant()));
}

/** Lines over time; stacked, they are parts of a whole. */
export function graph(
  { title, about, unit, queries, width = 12, bounds, from = 'zero' }: PanelSpec,
  how: 'lines' | 'stacked' = 'lines',
): BoardPanel {
  const panel = new GraphBuilder()
    .title(title)
    .description(about)
    .datasource(DATASOURCE)
    .unit(unit)
    .span(width)
    .height(8)
    .lineWidth(1)
    .fillOpacity(how === 'stacked' ? 25 : 5)
    .showPoints(VisibilityMode.Never)
    .thresholds(steps(bounds))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .targets(queries.map(targetOf));
  if (from === 'zero') panel.min(0);
  if (how === 'stacked') panel.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (bounds === undefined) return panel;
  return panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

/** States over time: the value of a series is the index of its state. */
export function states(
  { title, about, queries, width = 12 }: Omit<PanelSpec, 'unit'>,
  all: readonly State[],
): BoardPanel {
  const options = Object.fromEntries(all.map(({ text, color }, index) => [String(index), { text, color, index }]));
  const mapping: ValueMap = { type: MappingType.ValueToText, options };
  return new TimelineBuilder()
    .title(title)
    .description(about)
    .datasource(DATASOURCE)
    .span(width)
    .height(8)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .mappings([mapping])
    .targets(queries.map(targetOf));
}

/** A state as people see it. */
export type State = { readonly text: string; readonly color: string };

/** Of clusters and hostnames, by the value that `worstState` gives them. */
export const SERVICE_STATES: readonly State[] = [
  { text: 'up', color: 'green' },
  { text: 'degraded', color: 'yellow' },
  { text: 'unseen', color: 'blue' },
  { text: 'down', color: 'red' },
];

/** No and yes, where yes is bad. */
export const BAD_IF_YES: readonly State[] = [
  { text: 'no', color: 'green' },
  { text: 'yes', color: 'red' },
];

/** No and yes, where yes is good. */
export const GOOD_IF_YES: readonly State[] = [
  { text: 'no', color: 'red' },
  { text: 'yes', color: 'green' },
];

function targetOf({ expr, legend }: Query, index: number): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .datasource(DATASOURCE)
    .expr(expr)
    .refId(String.fromCodePoint(65 + index));
  return legend === undefined ? query : query.legendFormat(legend);
}

function steps(bounds: Bounds | undefined): ThresholdsConfigBuilder {
  const above = bounds?.critical === undefined ? [] : [{ value: bounds.critical, color: 'red' }];
  const between = bounds?.warning === undefined ? [] : [{ value: bounds.warning, color: 'yellow' }];
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: 'green' }, ...between, ...above]);
}
