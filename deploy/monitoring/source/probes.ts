import { board, PROBED_HERE } from './board.ts';
import { counted, grown, largest, orZero, perSecond, quantile } from './expressions.ts';
import { graph, number } from './panels.ts';
import { CERTIFICATE_DAYS } from './thresholds.ts';

/** What the prober measures, and what is made of it. */
export const PROBES = board({
  name: 'probes',
  title: 'probes and health',
  about: 'What the prober measures and what is believed of it. The slowest targets come from the page /metrics/probes.',
  panels: [
    number({
      title: 'Down',
      about: 'Monitors that are believed to be down.',
      unit: 'short',
      queries: [{ expr: counted('azimuth_monitors', [], 'state="down"') }],
      bounds: { critical: 1 },
      width: 3,
    }),
    number({
      title: 'Stale',
      about: 'Monitors without a result for several intervals: what is believed of them is old.',
      unit: 'short',
      queries: [{ expr: counted('azimuth_stale_monitors') }],
      bounds: { critical: 1 },
      width: 3,
    }),
    number({
      title: 'Withheld verdicts',
      about: 'Monitors that are measured down while the prober is not believed.',
      unit: 'short',
      queries: [{ expr: counted('azimuth_withheld_verdicts') }],
      bounds: { critical: 1 },
      width: 3,
    }),
    number({
      title: 'Held back',
      about: 'Monitors that are good again and wait: for the delay, an operator, or because they flap.',
      unit: 'short',
      queries: [{ expr: counted('azimuth_monitor_reasons', [], 'reason=~"failback|operator|flapping"') }],
      width: 3,
    }),
    number({
      title: 'Damped flaps, 1 h',
      about: 'Recoveries in the last hour that were held back because of flapping.',
      unit: 'short',
      queries: [{ expr: grown('azimuth_damped_flaps_total', '1h') }],
      bounds: { warning: 1, critical: 10 },
      width: 3,
    }),
    number({
      title: 'First certificate to end',
      about: 'Over all gateways.',
      unit: 's',
      queries: [{ expr: 'min(azimuth_probe_certificate_expiry_seconds{job=~"$job", instance=~"$instance"})' }],
      width: 3,
    }),
    number({
      title: 'Probes left out, 1 h',
      about: 'Probes of the last hour that were not made because the process stood still or was too busy.',
      unit: 'short',
      queries: [{ expr: grown('azimuth_probe_slots_missed_total', '1h') }],
      bounds: { warning: 1 },
      width: 3,
    }),
    number({
      title: 'Targets left out',
      about: 'Targets that the page /metrics/probes has no room for: the boards do not show them.',
      unit: 'short',
      queries: [{ expr: largest('azimuth_probe_targets_left_out') }],
      bounds: { warning: 1 },
      width: 3,
    }),
    graph(
      {
        title: 'Probe results',
        about: 'Probes per second: success, or why they failed.',
        unit: 'reqps',
        queries: [{ expr: perSecond('azimuth_probe_results_total', ['result']), legend: '{{result}}' }],
      },
      'stacked',
    ),
    graph({
      title: 'Monitors by state',
      about: 'What is believed of the monitors, by the director that has most of a state.',
      unit: 'short',
      queries: [{ expr: counted('azimuth_monitors', ['state']), legend: '{{state}}' }],
    }),
    graph({
      title: 'Probe time',
      about: 'How long probes take, failed ones included.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'azimuth_probe_duration_seconds', ['protocol']), legend: '{{protocol}} median' },
        { expr: quantile(0.95, 'azimuth_probe_duration_seconds', ['protocol']), legend: '{{protocol}} 95 %' },
      ],
    }),
    graph(
      {
        title: 'Phases of probes',
        about: 'The mean time of each phase: TCP, TLS, and from the question to the first octet.',
        unit: 's',
        queries: [
          {
            expr: `${perSecond('azimuth_probe_phase_seconds_sum', ['phase'])} / ${perSecond('azimuth_probe_phase_seconds_count', ['phase'])}`,
            legend: '{{phase}}',
          },
        ],
      },
      'stacked',
    ),
    graph({
      title: 'Lateness of probes',
      about: 'How long after they were first due probes start. A late prober detects late.',
      unit: 's',
      queries: [{ expr: quantile(0.99, 'azimuth_probe_lateness_seconds', ['instance']), legend: '{{instance}} 99 %' }],
      bounds: { critical: 1 },
    }),
    graph({
      title: 'Slowest targets',
      about: 'The last probe of the ten slowest targets.',
      unit: 's',
      queries: [
        { expr: `topk(10, max by (instance) (probe_duration_seconds{${PROBED_HERE}}))`, legend: '{{instance}}' },
      ],
    }),
    graph({
      title: 'Certificates',
      from: 'anywhere',
      about: `Time until the first certificate of a gateway ends; alerts at ${CERTIFICATE_DAYS.warning} and ${CERTIFICATE_DAYS.critical} days.`,
      unit: 's',
      queries: [
        {
          expr: `bottomk(10, min by (cluster, gateway) (azimuth_probe_certificate_expiry_seconds{job=~"$job", instance=~"$instance"}))`,
          legend: '{{cluster}} {{gateway}}',
        },
      ],
    }),
    graph({
      title: 'Control targets',
      about: 'What the prober must be able to see: where all of them fail, it is the prober that is blind.',
      unit: 'short',
      queries: [{ expr: orZero(counted('azimuth_control_targets', ['state'])), legend: '{{state}}' }],
    }),
  ],
});
