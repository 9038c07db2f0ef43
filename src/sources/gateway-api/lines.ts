const NEWLINE = 0x0a;

/** Cuts a stream of octets into lines. Throws what `tooLong` makes where a line grows over `longest` octets. */
export function createLineSplitter(longest: number, tooLong: () => Error): (chunk: Uint8Array) => readonly string[] {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > longest) throw tooLong();
    if (part.length > 0) parts.push(part);
  };
  return (chunk) => {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      if (length > 0) lines.push(Buffer.concat(parts).toString('utf8'));
      parts = [];
      length = 0;
      start = end + 1;
    }
    keep(chunk.subarray(start));
    return lines;
  };
}
