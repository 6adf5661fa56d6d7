import { describe, expect, it } from 'vitest';
import { YearRun } from './test-support/year/year-run.js';

/** A Monday. */
const FROM = Date.parse('2026-02-02T00:00:00Z');

describe('two hundred practices for a day', () => {
  it('are read within two minutes while they are there, within the limits, and nobody is told for nothing', () => {
    const result = new YearRun({ seed: 'day', practices: 200, days: 1, from: FROM, requestsPerSecond: 20 }).run();
    expect(result).toMatchObject({ practices: 200, blamedForGateway: 0, alerts: { false: 0 } });
    expect(result.freshness.p95).toBeLessThan(120);
    expect(result.mostInASecond).toBeLessThanOrEqual(20);
    expect(result.mostOfAPractice).toBeLessThanOrEqual(600);
  });

  it(
    'are missed in their first week too, although nobody knows their hours, and nobody is told of for nothing',
    { timeout: 60_000 },
    () => {
      const { alerts } = new YearRun({
        seed: 'week',
        practices: 200,
        days: 7,
        from: FROM,
        requestsPerSecond: 20,
      }).run();
      expect(alerts.due).toBeGreaterThanOrEqual(5);
      expect(alerts).toMatchObject({ false: 0, due: alerts.unlearntDue });
      expect(alerts.missed).toBeLessThanOrEqual(0.25 * alerts.due);
      // Those that are closed on one weekday of each week, once each.
      expect(alerts.firstClosed).toBeLessThanOrEqual(0.1 * 120);
    },
  );

  it('run alike each time', () => {
    const plan = { seed: 'again', practices: 20, days: 3, from: FROM, requestsPerSecond: 20 };
    expect(new YearRun(plan).run()).toEqual(new YearRun(plan).run());
  });
});
