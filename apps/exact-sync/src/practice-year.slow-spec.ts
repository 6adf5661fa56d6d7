import { describe, expect, it } from 'vitest';
import { YearRun, type YearPlan, type YearResult } from './test-support/year/year-run.js';

const MINUTE = 60_000;
/** A Monday. */
const FROM = Date.parse('2026-02-02T00:00:00Z');
const CAP = 600;

function run(plan: Omit<YearPlan, 'from' | 'seed'>): YearResult {
  const seed = process.env['RELAY_SEED'] ?? 'year';
  const result = new YearRun({ seed, from: FROM, ...plan }).run();
  process.stdout.write(`seed ${seed}: ${JSON.stringify(result)}\n`);
  return result;
}

/** Holds whatever the pace: nobody is asked too often, nobody is blamed for the gateway. */
function holds(result: YearResult): void {
  expect(result.mostInASecond).toBeLessThanOrEqual(result.requestsPerSecond);
  expect(result.mostOfAPractice).toBeLessThanOrEqual(CAP);
  expect(result.blamedForGateway).toBe(0);
  const { alerts } = result;
  expect(alerts.false).toBeLessThanOrEqual(0.02 * alerts.alerts);
  const [due, missed] = [alerts.due - alerts.unlearntDue, alerts.missed - alerts.unlearntMissed];
  expect(missed).toBeLessThanOrEqual(0.1 * due);
  // In a first week nobody knows when a practice is there: what is told goes by hours that are assumed.
  expect(alerts.unlearntMissed).toBeLessThanOrEqual(0.25 * alerts.unlearntDue);
}

describe('practices with offices, nights, holidays, outages and updates', () => {
  it(
    'are read within two minutes, 10,000 of them for a week at 500 requests a second',
    { timeout: 15 * MINUTE },
    () => {
      const result = run({ practices: 10_000, days: 7, requestsPerSecond: 500 });
      holds(result);
      expect(result.freshness.p95).toBeLessThan(120);
    },
  );

  it('are read in turn, 10,000 of them for a week at the usual 20 requests a second', { timeout: 15 * MINUTE }, () => {
    const result = run({ practices: 10_000, days: 7, requestsPerSecond: 20 });
    holds(result);
    // As fast as the line lets them: 8,000 are there on a British working day, a round of them takes 444 s at 18 a second.
    expect(result.freshness.p95).toBeLessThan(480);
  });

  it('are read within two minutes, 100 of them for a year', { timeout: 15 * MINUTE }, () => {
    const result = run({ practices: 100, days: 365, requestsPerSecond: 20 });
    holds(result);
    expect(result.freshness.p95).toBeLessThan(120);
  });
});
