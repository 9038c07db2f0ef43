import { Type } from 'typebox';
import type { AdminApp, AdminOptions } from '../app.ts';
import { problem } from '../problems.ts';
import { MONITOR_VIEW, type MonitorView, viewMonitors } from '../views/monitor-view.ts';

const NAME = Type.Object({ name: Type.String({ maxLength: 63 }) });

/** `GET /v1/monitors` and `GET /v1/monitors/:name`: the monitors that the configuration names. */
export function addMonitorRoutes(app: AdminApp, options: AdminOptions): void {
  const list = { response: { 200: Type.Object({ items: Type.Array(MONITOR_VIEW) }) } };
  app.get('/v1/monitors', { schema: list }, async () => ({ items: [...viewMonitors(options.director)] }));

  const one = { params: NAME, response: { 200: MONITOR_VIEW } };
  app.get('/v1/monitors/:name', { schema: one }, async ({ params }) => {
    const monitor = findMonitor(options, params.name);
    if (monitor === undefined) throw problem('monitor-unknown', 'The configuration has no monitor of this name.');
    return monitor;
  });
}

/** The named monitor of this name; undefined where there is none. */
export function findMonitor({ director }: AdminOptions, name: string): MonitorView | undefined {
  return viewMonitors(director, name)[0];
}
