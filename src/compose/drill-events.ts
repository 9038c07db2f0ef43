import type { Drill } from '../core/drill/drill.ts';
import type { NewEvent } from '../core/events.ts';

/**
 * Makes events of what comes into the timelines of drills, each entry once. What is from before `since` (ms since the epoch) and
 * stands when it is told first is no news; that a drill was interrupted by the start is.
 */
export function createDrillNews(tell: (event: NewEvent) => void, since: number): (drills: readonly Drill[]) => void {
  let known: ReadonlyMap<string, Drill> | undefined;
  return (drills) => {
    const now = new Map(drills.map((drill) => [drill.spec.name, drill]));
    const before = known ?? new Map(drills.map((drill) => [drill.spec.name, asOf(drill, since)]));
    known = now;
    for (const drill of drills) {
      const old = before.get(drill.spec.name);
      if (old !== drill) for (const event of momentsSince(old, drill)) tell(event);
    }
    for (const [name] of before) if (!now.has(name)) tell(forgotten(name));
  };
}

function asOf(drill: Drill, since: number): Drill {
  return { ...drill, timeline: drill.timeline.filter(({ at }) => at < since) };
}

function momentsSince(old: Drill | undefined, drill: Drill): readonly NewEvent[] {
  // One of the same name that was asked for at another time is another one.
  const told = new Set(old?.at === drill.at ? old.timeline : []);
  const { spec, state, by } = drill;
  const { name, action } = spec;
  return drill.timeline
    .filter((moment) => !told.has(moment))
    .map(({ at, kind, detail }) => ({
      type: 'drill',
      change: kind,
      subject: name,
      text: `drill ${name}: ${kind}: ${detail}`,
      data: { action: action.kind, state, by, moment: new Date(at).toISOString(), detail },
    }));
}

function forgotten(name: string): NewEvent {
  return { type: 'drill', change: 'forgotten', subject: name, text: `drill ${name} is forgotten`, data: {} };
}
