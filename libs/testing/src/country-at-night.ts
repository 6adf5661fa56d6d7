/**
 * A country whose practices of EXACT are closed now, for hours: sweeps of theirs do not wait. Without it a test that needs them
 * would go by the time of day at which it runs.
 */
export function countryAtNight(now = new Date()): 'GB' | 'NZ' {
  const hour = now.getUTCHours();
  return hour >= 6 && hour < 19 ? 'NZ' : 'GB';
}
