/** Most of some instants (ms, in order) that lie within any one second: how hard a vendor was asked. 0 for none. */
export function mostInASecond(times: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [to, at] of times.entries()) {
    while ((times[from] as number) <= at - 1_000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
