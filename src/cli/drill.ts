import { setTimeout as pause } from 'node:timers/promises';
import { ADMIN_OPTIONS, type AdminClient, adminClient } from './admin-client.ts';
import { type Command, EXIT, type Invocation, wrongSubject } from './command.ts';
import { DRILL_OPTIONS, drillBody } from './drill-options.ts';
import { createScreen, type Show } from './drill-screen.ts';
import { drillTable, drillText, momentLine, planLines } from './drill-text.ts';
import { listOf, recordOf, textOf } from './json.ts';
import { isScreen } from './screen.ts';

const WORDS = ['list', 'start', 'stop', 'show', 'watch', 'forget'] as const;
type Word = (typeof WORDS)[number];

/** From one look of `watch` to the next, in ms. */
const LOOK_MS = 1_000;
/** A director that was lost sight of is looked for so many times: it may be starting anew. */
const MAX_MISSES = 60;

/** `azimuth drill`: a failure on purpose, for a set time. */
export const drillCommand: Command = {
  name: 'drill',
  usage:
    'azimuth drill list | start FILE | start NAME --fail|--drain|--weight N|--blind --cluster|--gateway|--hostname|--team PATTERN… [--except-cluster PATTERN…] --for 10m [--at TIME] [--ramp 25,50,100/1m] [--abort-below 50%] [--abort-monitor NAME…] --reason TEXT [--plan] [--force] | stop|show|watch|forget NAME [--config FILE] [--json]',
  summary: 'fail, drain or blind something on purpose, for a set time',
  words: WORDS,
  fileAfter: ['start'],
  options: { ...ADMIN_OPTIONS, ...DRILL_OPTIONS, plan: { type: 'boolean' } },
  run: drill,
};

async function drill(invocation: Invocation): Promise<number> {
  const [word = 'list', subject = '', more] = invocation.positionals;
  if (!isWord(word) || more !== undefined || (word === 'list') !== (subject === '')) {
    throw wrongSubject(drillCommand, word);
  }
  // What cannot be meant is told before anybody is asked.
  const body = word === 'start' ? await drillBody(subject, invocation) : {};
  const client = await adminClient(invocation);
  const form = invocation.options['json'] === true ? 'json' : 'text';
  if (word === 'watch') return watch(client, pathOf(subject), form);
  if (word === 'start' && invocation.options['plan'] === true) return rehearse(client, body, form);
  const answer = await {
    list: () => client.get('/v1/drills'),
    start: () => client.post('/v1/drills', body),
    stop: () => client.post(`${pathOf(subject)}/stop`, {}),
    show: () => client.get(pathOf(subject)),
    forget: () => client.delete(pathOf(subject)),
  }[word]();
  print(form === 'json' ? JSON.stringify(answer, null, 2) : textFor(word, answer));
  return EXIT.ok;
}

function isWord(word: string): word is Word {
  return WORDS.some((each) => each === word);
}

function pathOf(name: string): string {
  return `/v1/drills/${encodeURIComponent(name)}`;
}

function textFor(word: Exclude<Word, 'watch'>, answer: unknown): string {
  if (word === 'list') return drillTable(listOf(recordOf(answer).get('items')));
  if (word === 'forget') return `Drill ${textOf(recordOf(answer).get('name'))} is forgotten.`;
  return drillText(answer);
}

type Form = 'json' | 'text';

/** Exit code 1 where it breaks a rule: starting it would be refused. */
async function rehearse(client: AdminClient, given: object, form: Form): Promise<number> {
  const { force: _, ...body } = { force: false, ...given };
  const answer = await client.post('/v1/drills/rehearse', body);
  const of = recordOf(answer);
  const broken = listOf(of.get('broken')).map((each) => textOf(recordOf(each).get('message')));
  const text = [...planLines(recordOf(of.get('plan'))), ...broken].join('\n');
  print(form === 'json' ? JSON.stringify(answer, null, 2) : text);
  return broken.length > 0 ? EXIT.failed : EXIT.ok;
}

/** Follows one drill until it is over. Exit code 1 where it was broken off, by a condition or a restart. */
async function watch(client: AdminClient, path: string, form: Form): Promise<number> {
  const show = form === 'text' && isScreen() ? await createScreen() : createLines(form);
  let view: unknown = await client.get(path);
  let misses = 0;
  for (;;) {
    show.update(view);
    const of = recordOf(view);
    if (textOf(of.get('state')) === 'over') {
      show.close();
      const end = textOf(recordOf(of.get('end')).get('kind'));
      return end === 'aborted' || end === 'interrupted' ? EXIT.failed : EXIT.ok;
    }
    await pause(LOOK_MS);
    try {
      view = await client.get(path);
      misses = 0;
    } catch (error) {
      misses += 1;
      if (misses >= MAX_MISSES) throw error;
    }
  }
}

/** Elsewhere: each entry of the timeline once. */
function createLines(form: Form): Show {
  const told = new Set<string>();
  return {
    update(view) {
      for (const moment of listOf(recordOf(view).get('timeline'))) {
        const key = JSON.stringify(moment);
        if (told.has(key)) continue;
        told.add(key);
        print(form === 'json' ? key : momentLine(moment));
      }
    },
    close() {},
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
