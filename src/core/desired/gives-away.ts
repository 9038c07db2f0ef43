/** Whether a text, made up by a server, gives away a secret that it was sent: so many of its characters in a row, or all of it. */
export function givesAway(text: string, secrets: readonly string[], run: number): boolean {
  return secrets.some((secret) => {
    const length = Math.min(run, secret.length);
    if (length === 0) return false;
    for (let from = 0; from + length <= secret.length; from++) {
      if (text.includes(secret.slice(from, from + length))) return true;
    }
    return false;
  });
}
