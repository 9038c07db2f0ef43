import { board } from './board.ts';
import { counted, grown, largest, orZero, perSecond, quantile } from './expressions.ts';
import { BAD_IF_YES, graph, number, states } from './panels.ts';
import { DECISION_SECONDS } from './thresholds.ts';

/** What people ordered, and how fast what changed was in the answers. */
export const CHANGES = board({
  name: 'changes',
  title: 'drills, rollouts and changes',
  about: 'What people ordered and what came of it, and how fast a change is in the answers.',
  panels: [
    number({
      title: 'Clusters drained',
      about: 'By an operator.',
      unit: 'short',
      queries: [{ expr: counted('azimuth_cluster_drained') }],
      bounds: { warning: 1 },
      width: 6,
    }),
    number({
      title: 'Drills under way',
      about: 'Drills that run or are being rolled back.',
      unit: 'short',
      queries: [{ expr: orZero(counted('azimuth_drill_state', [], 'state=~"running|rolling-back"')) }],
      bounds: { warning: 1 },
      width: 6,
    }),
    number({
      title: 'Questions without a cluster',
      about: 'The fraction of the steered questions that residency, fences or the last resort leave without one.',
      unit: 'percentunit',
      queries: [{ expr: largest('azimuth_unserved_ratio') }],
      bounds: { warning: 0.001, critical: 0.01 },
      width: 6,
    }),
    number({
      title: 'Decided, 99 of 100, 1 h',
      about: 'From the event to the answers, over the last hour; the objective is a second.',
      unit: 's',
      queries: [{ expr: 'max(azimuth:decision_seconds:p99_1h{job=~"$job", instance=~"$instance"})' }],
      bounds: { critical: DECISION_SECONDS },
      width: 6,
    }),
    states(
      {
        title: 'Drains',
        about: 'Clusters that an operator drained.',
        queries: [{ expr: largest('azimuth_cluster_drained', ['cluster']), legend: '{{cluster}}' }],
      },
      BAD_IF_YES,
    ),
    graph({
      title: 'Orders',
      about: 'Overrides by kind, planned ones included.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_overrides', ['kind']), legend: '{{kind}}' }],
    }),
    graph({
      title: 'Drills',
      about: 'Drills by what they are now; one that is over is not drawn.',
      unit: 'short',
      queries: [{ expr: orZero(largest('azimuth_drill_state', ['drill', 'state'])), legend: '{{drill}} {{state}}' }],
    }),
    graph({
      title: 'Rollouts',
      about: 'The fraction of the clients that a rollout moved.',
      unit: 'percentunit',
      queries: [{ expr: orZero(largest('azimuth_rollout_moved_ratio', ['rollout'])), legend: '{{rollout}}' }],
    }),
    graph(
      {
        title: 'Answers by cluster',
        about: 'Per second: what came of it.',
        unit: 'reqps',
        queries: [{ expr: perSecond('azimuth_dns_cluster_answers_total', ['cluster']), legend: '{{cluster}}' }],
      },
      'stacked',
    ),
    graph({
      title: 'New answers',
      about: 'Snapshots per second: how often the answers changed.',
      unit: 'short',
      queries: [{ expr: perSecond('azimuth_change_to_answer_seconds_count', ['instance']), legend: '{{instance}}' }],
    }),
    graph({
      title: 'Orders refused, 10 min',
      about:
        'Within ten minutes, by code: safety- and drain-leaves-none guard the answers, not-saved and not-recorded are the disk, token- and certificate- somebody who is not known.',
      unit: 'short',
      queries: [
        { expr: grown('azimuth_orders_refused_total', '10m', ['instance', 'code']), legend: '{{instance}} {{code}}' },
      ],
    }),
    graph({
      title: 'From event to answer',
      about: 'From a verdict, a manifest or an order to the answers being in force.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'azimuth_change_to_answer_seconds', ['instance']), legend: '{{instance}} median' },
        { expr: quantile(0.99, 'azimuth_change_to_answer_seconds', ['instance']), legend: '{{instance}} 99 %' },
      ],
      bounds: { critical: DECISION_SECONDS },
    }),
    graph({
      title: 'Making the answers',
      about: 'The part of it that is spent making the new answers.',
      unit: 's',
      queries: [
        {
          expr: quantile(0.99, 'azimuth_snapshot_compile_duration_seconds', ['instance']),
          legend: '{{instance}} 99 %',
        },
      ],
    }),
  ],
});
