import { ANNOTATIONS } from '../annotations/table.ts';
import { type Beside, type Reading, setting, untranslated } from './vocabulary.ts';

/** Longest TTL that external-dns takes, in seconds. */
const MAX_FOREIGN_TTL = 2_147_483_647;
/** Longest TTL of ours, in seconds; a longer one is cut to it. */
const MAX_TTL = 86_400;
/** Longest text of a Go duration that is read, in characters. */
const MAX_DURATION = 64;

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['μs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** Whole seconds of an integer or of a Go duration such as `1m30s`; undefined where it is neither. */
function goSeconds(text: string): number | undefined {
  if (/^\+?\d{1,15}$/.test(text)) return Number(text);
  if (text.length > MAX_DURATION) return undefined;
  if (!/^\+?(?:\d+(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d*)?)([a-zµμ]+)/g)) {
    seconds += Number(amount) * (SECONDS.get(unit) ?? Number.NaN);
  }
  // The sum of binary fractions may end just below a whole second.
  return Math.floor(seconds + 1e-9);
}

/** The TTL of both systems that have one; `lowest` is what the other system takes at least. */
export function ttl(text: string, lowest: 0 | 1, { prefix }: Beside): Reading {
  const seconds = goSeconds(text);
  if (seconds === undefined || seconds > MAX_FOREIGN_TTL) {
    return untranslated('no TTL', `set ${prefix}ttl in seconds, 0–${MAX_TTL}`);
  }
  if (seconds < lowest) return { kind: 'unneeded', why: '0 asks for the default TTL' };
  const note = seconds > MAX_TTL ? `${MAX_TTL} is the longest` : undefined;
  return setting([['ttl', String(Math.min(seconds, MAX_TTL))]], note);
}

/** The words of a list, without spaces and final dots. */
export function words(text: string): readonly string[] {
  return text
    .replaceAll(' ', '')
    .split(',')
    .map((word) => word.replace(/\.$/, ''))
    .filter((word) => word !== '');
}

/** Addresses of a load balancer; all of them or none, so that no answer is half of what was asked for. */
export function addresses(text: string, { prefix }: Beside): Reading {
  const list = words(text).join(', ');
  if (ANNOTATIONS.address.parse(list) !== undefined) return setting([['address', list]]);
  return untranslated('only IP addresses can be answered', `set ${prefix}address to ${ANNOTATIONS.address.form}`);
}

/** A number for `weight`. */
export function weight(text: string, { prefix }: Beside): Reading {
  if (ANNOTATIONS.weight.parse(text) === undefined) {
    return untranslated('no weight', `set ${prefix}weight to ${ANNOTATIONS.weight.form}`);
  }
  const settings = [['steering', 'weighted'] as const, ['weight', text] as const];
  return setting(settings, text === '0' ? 'it still answers when nobody else is up' : undefined);
}

/** A fence for `serves`: a continent or a country by its code. */
export function serves(kind: 'continent' | 'country', code: string, { prefix }: Beside, note?: string): Reading {
  const area = (kind === 'continent' ? 'continent:' : '') + code.toUpperCase();
  if (code.length === 2 && ANNOTATIONS.serves.parse(area) !== undefined) return setting([['serves', area]], note);
  return untranslated('no known place', `set ${prefix}serves to ${ANNOTATIONS.serves.form}`);
}
