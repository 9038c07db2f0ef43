/**
 * The SOA serial of a changed zone: the time of the change in seconds where that is newer than `previous`, else one
 * more; newer by serial number arithmetic, so the wrap at 2^32 is no step back (RFC 1982 §3.2).
 */
export function nextSerial(previous: number, nowSeconds: number): number {
  const now = nowSeconds >>> 0;
  const ahead = (now - previous) >>> 0;
  return ahead > 0 && ahead < 0x8000_0000 ? now : (previous + 1) >>> 0;
}
