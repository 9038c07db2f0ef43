import type { Annotated, SettingKey } from './annotations/setting.ts';
import { type Finding, finding } from './finding.ts';
import type { Attachment } from './gateway-api/attach.ts';
import type { Holder, Opening } from './gateway-api/opening.ts';
import type { Route } from './gateway-api/routes.ts';

/** Which settings of Routes lie over those of the listeners that they are attached to. */
export type Placement = {
  attach(route: Route, settings: Annotated, attachments: readonly Attachment[]): void;
  detach(route: Route, attachments: readonly Attachment[]): void;
  /** Settings of Gateways and ListenerSets that have no effect on anything, as things are attached now. */
  findings(holders: readonly Holder[]): readonly Finding[];
};

/** Nothing is attached. Routes without settings need not be told: each opening counts what is attached to it. */
export function createPlacement(): Placement {
  const settingsOf = new Map<Route, Annotated>();
  const overrides = new Map<Opening, Map<string, number>>();
  const count = ({ settings }: Annotated, attachments: readonly Attachment[], step: 1 | -1): void => {
    for (const { opening } of attachments) {
      const counts = overrides.get(opening) ?? new Map<string, number>();
      overrides.set(opening, counts);
      for (const key of Object.keys(settings)) counts.set(key, (counts.get(key) ?? 0) + step);
    }
  };
  return {
    attach(route, settings, attachments) {
      settingsOf.set(route, settings);
      count(settings, attachments, 1);
    },
    detach(route, attachments) {
      const settings = settingsOf.get(route);
      settingsOf.delete(route);
      if (settings !== undefined) count(settings, attachments, -1);
    },
    findings(holders) {
      const users = usersOf(holders);
      return [...users].flatMap(([source, own]) => {
        const serving = own.filter(isServing);
        if (serving.length === 0) return [unused(source)];
        const shadowed = Object.keys(source.settings).filter((key) =>
          serving.every((holder) => isShadowed(key, source, holder, overrides)),
        );
        return shadowed.length === 0 ? [] : [shadow(source, shadowed)];
      });
    },
  };
}

/** The Gateways and ListenerSets with settings, and whose listeners they hold for. Defaults of a cluster are for others to override. */
function usersOf(holders: readonly Holder[]): ReadonlyMap<Annotated, readonly Holder[]> {
  const users = new Map<Annotated, Holder[]>();
  for (const holder of holders) {
    for (const source of holder.front.sources) {
      if (source.level === 'cluster') continue;
      const known = users.get(source);
      if (known === undefined) users.set(source, [holder]);
      else known.push(holder);
    }
  }
  return users;
}

function isServing({ openings }: Holder): boolean {
  return openings.some(({ named, serves }) => named > 0 || serves === 'itself');
}

function isShadowed(
  key: string,
  source: Annotated,
  { front, openings }: Holder,
  overrides: ReadonlyMap<Opening, ReadonlyMap<string, number>>,
): boolean {
  const nearer = front.sources.slice(0, front.sources.indexOf(source));
  if (nearer.some(({ settings }) => hasSetting(settings, key))) return true;
  return openings.every((opening) => {
    return opening.serves === 'routes' && opening.attached === (overrides.get(opening)?.get(key) ?? 0);
  });
}

function hasSetting(settings: { readonly [K in SettingKey]?: unknown }, key: string): boolean {
  return Object.hasOwn(settings, key);
}

function unused({ origin, level }: Annotated): Finding {
  const message = `no annotation of the ${level} has an effect: it serves no hostname`;
  return finding('annotation-unused', origin, message, 'attach a Route, or give a listener a hostname');
}

function shadow({ origin }: Annotated, keys: readonly string[]): Finding {
  const message = `${keys.join(', ')}: all that is attached has a setting of its own`;
  return finding('annotation-shadowed', origin, message, 'drop it here, or there');
}
