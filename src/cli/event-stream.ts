/** One event of a stream as it came: its id, its name and its data. */
export type StreamEvent = { readonly id: string; readonly name: string; readonly data: string };

/** Longest line of a stream that is kept, in characters; a longer one ends the stream. */
const MAX_STREAM_LINE = 1_000_000;

/**
 * Reads server-sent events (HTML Living Standard §9.2.6) as they come. What we send has one data line for each event and
 * line feeds alone; others' forms are read as well. The data that the end cuts off is no event. `onPlace` is told the id to
 * come back with, also where no event is told with it: those that were left out are behind it.
 */
export async function* readStream(
  chunks: AsyncIterable<Buffer>,
  onPlace: (id: string) => void = () => {},
): AsyncGenerator<StreamEvent> {
  let event = { id: '', name: 'message', data: [] as readonly string[] };
  for await (const line of linesOf(chunks)) {
    if (line === '') {
      if (event.id !== '') onPlace(event.id);
      if (event.data.length > 0) yield { id: event.id, name: event.name, data: event.data.join('\n') };
      event = { id: event.id, name: 'message', data: [] };
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'id') event = { ...event, id: value };
    if (field === 'event') event = { ...event, name: value };
    if (field === 'data') event = { ...event, data: [...event.data, value] };
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_STREAM_LINE) throw new Error('the director sends a line without an end');
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}
