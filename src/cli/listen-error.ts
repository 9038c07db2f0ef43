const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it. Stop that one, or change dns.listen or admin.listen',
  EACCES: 'ports under 1024 need a privilege. Give it (cap_net_bind_service), or take another port in dns.listen',
  EADDRNOTAVAIL: 'this machine has no such address. Correct dns.listen or admin.listen',
};

/** What a person can do about an address that cannot be bound; undefined where the error is another one. */
export function listenAdvice(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const advice = ADVICE[error.code];
  if (advice === undefined) return undefined;
  const address = 'address' in error && 'port' in error ? ` ${String(error.address)} port ${String(error.port)}` : '';
  return `cannot listen on${address}: ${advice} (${error.code}).`;
}
