/** Whether lines on the standard output can be drawn again: a terminal, and one that tells its size. */
export function isScreen(): boolean {
  const { isTTY, rows, columns } = process.stdout;
  return isTTY && process.env['TERM'] !== 'dumb' && rows > 0 && columns > 0;
}
