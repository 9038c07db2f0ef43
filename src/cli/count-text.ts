/** So many of something: `1 hostname`, `2 hostnames`. The noun is one whose plural ends in s. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
