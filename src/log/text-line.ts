/** Fields that stand at fixed places of a line, or are the same in all. */
const PLACED = ['time', 'level', 'event', 'msg', 'name'];
/** What needs no quotes. */
const BARE = /^[^\s"=\\]+$/;

/** A line of JSON as a line of text: time, level, event, message, and what the message does not say as `name=value`. */
export function textLine(json: string): string {
  const parsed: unknown = JSON.parse(json);
  const fields = new Map<string, unknown>(Object.entries(Object(parsed)));
  const word = (field: string): string => {
    const value = fields.get(field);
    return typeof value === 'string' ? oneLine(value) : '';
  };
  const message = fields.get('msg');
  const rest = [...fields]
    .filter(([name, value]) => !PLACED.includes(name) && !isTold(message, value))
    .map(([name, value]) => `${name}=${shown(value)}`);
  const level = word('level').toUpperCase().padEnd(5);
  return `${[word('time'), level, word('event'), word('msg'), ...rest].filter((part) => part !== '').join(' ')}\n`;
}

/** Whether words are in the message as they are: once is enough for a reader. */
function isTold(message: unknown, value: unknown): boolean {
  return typeof value === 'string' && value.includes(' ') && typeof message === 'string' && message.includes(value);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return BARE.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? '';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s/g, ' ');
}
