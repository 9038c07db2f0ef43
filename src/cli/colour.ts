import { styleText } from 'node:util';

/** The colours of states, the same in every table. */
const STATE_COLOURS = {
  up: 'green',
  unchecked: 'green',
  ready: 'green',
  kept: 'green',
  answered: 'green',
  down: 'red',
  blind: 'red',
  error: 'red',
  degraded: 'yellow',
  held: 'yellow',
  stale: 'yellow',
  unseen: 'yellow',
  waiting: 'yellow',
  drained: 'yellow',
  saved: 'yellow',
  warning: 'yellow',
  dropped: 'gray',
  eligible: 'gray',
  info: 'cyan',
  planned: 'cyan',
  running: 'cyan',
  'rolling-back': 'yellow',
  aborted: 'red',
} as const;

type ColouredState = keyof typeof STATE_COLOURS;

/** A state word in its colour, plain where the output is no terminal or NO_COLOR is set. */
export function paintState(state: string, stream: NodeJS.WriteStream = process.stdout): string {
  return isColoured(state) ? styleText(STATE_COLOURS[state], state, { stream }) : state;
}

/** Text in bold on a terminal. */
export function bold(text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText('bold', text, { stream });
}

/** Text in grey on a terminal. */
export function dim(text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText('gray', text, { stream });
}

function isColoured(state: string): state is ColouredState {
  return state in STATE_COLOURS;
}
