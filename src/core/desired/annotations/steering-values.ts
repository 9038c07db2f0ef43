import type { Preference, Steering } from '../model.ts';
import { quote } from '../quote.ts';
import {
  FIXED_STEPS,
  ORDER_OF,
  type OrderStep,
  PRESET_PREFERENCES as PREFERENCES,
  PRESET_OF,
} from '../steering-chain.ts';
import { nearest } from '../suggest.ts';

/** An explicit chain that is no preset: its preferring steps, and the preset that has the same order at its end. */
export type SteeringList = { readonly steering: Steering; readonly preferred: readonly Preference[] };

/** What is wrong with a text, and what to do about it. */
export type Mistake = { readonly message: string; readonly suggestion: string };

/** An example of a list, for suggestions. */
const EXAMPLE = 'such as `degraded, tier, nearest`';
const ORDERS = Object.keys(PRESET_OF);
const PRESETS = Object.keys(ORDER_OF);

/**
 * Reads a preset, or a list: some of the preferring steps in the order in which they are to act, each at most once, and one
 * order at the end. A list that equals a preset is that preset. Undefined where it is neither.
 */
export function steeringChain(text: string): Steering | SteeringList | undefined {
  if (isPreset(text)) return text;
  if (steeringMistake(text) !== undefined) return undefined;
  const words = text.split(',').map((word) => word.trim());
  const order = words.find(isOrder);
  if (order === undefined) return undefined;
  const [steering, preferred] = [PRESET_OF[order], words.filter(isPreference)];
  return preferred.join() === PREFERENCES.join() ? steering : { steering, preferred };
}

/** The first mistake in a text that is neither a preset nor a list. */
export function steeringMistake(text: string): Mistake | undefined {
  if (isPreset(text)) return undefined;
  const words = text.split(',').map((word) => word.trim());
  const [first = ''] = words;
  if (words.length === 1) return mistakeAlone(first);
  for (const [index, word] of words.entries()) {
    const found = mistakeAt(words, word, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function mistakeAlone(word: string): Mistake | undefined {
  if (word === '') return mistake('it is empty', `expected a preset (${PRESETS.join(', ')}) or a list ${EXAMPLE}`);
  if (isOrder(word)) {
    return mistake(`${quote(word)} alone is no chain`, `expected the preset ${PRESET_OF[word]} or a list ${EXAMPLE}`);
  }
  if (isPreference(word)) return noOrder(word);
  if (FIXED_STEPS.includes(word)) return alwaysThere(quote(word));
  const meant = nearest(word, [...PRESETS, ...ORDERS, ...PREFERENCES]);
  const suggestion = `expected a preset (${PRESETS.join(', ')}) or a list ${EXAMPLE}`;
  return mistake(`${quote(word)} is no preset`, meant === undefined ? suggestion : `did you mean ${meant}?`);
}

function mistakeAt(words: readonly string[], word: string, index: number): Mistake | undefined {
  const place = `step ${index + 1}, ${quote(word)},`;
  const isLast = index === words.length - 1;
  if (word === '') return mistake(`step ${index + 1} is empty`, `expected a list ${EXAMPLE}`);
  if (FIXED_STEPS.includes(word)) return alwaysThere(place);
  if (words.indexOf(word) < index) return mistake(`${place} stands there twice`, 'name each step once');
  if (isOrder(word)) return isLast ? undefined : mistake(`${place} is an order`, 'put one order, and at the end');
  if (isPreference(word)) return isLast ? noOrder(words.join(', ')) : undefined;
  if (isPreset(word)) return mistake(`${place} is a preset`, `the step of that preset is ${ORDER_OF[word]}`);
  const meant = nearest(word, [...PREFERENCES, ...ORDERS]);
  const suggestion = `the steps are ${PREFERENCES.join(', ')}; at the end one of ${ORDERS.join(', ')}`;
  return mistake(`${place} is no step`, meant === undefined ? suggestion : `did you mean ${meant}?`);
}

function noOrder(list: string): Mistake {
  return mistake('there is no order at the end', `end it with ${ORDERS.join(' or ')}, as \`${list}, nearest\``);
}

function alwaysThere(place: string): Mistake {
  return mistake(
    `${place} always runs at its fixed place, and cannot be moved or left out`,
    'leave it out of the list',
  );
}

function mistake(message: string, suggestion: string): Mistake {
  return { message, suggestion };
}

function isPreset(word: string): word is Steering {
  return PRESETS.includes(word);
}

function isOrder(word: string): word is OrderStep {
  return ORDERS.includes(word);
}

function isPreference(word: string): word is Preference {
  return PREFERENCES.some((one) => one === word);
}
