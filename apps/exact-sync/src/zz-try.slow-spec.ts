import { it } from 'vitest';
import { YearRun } from './test-support/year/year-run.js';
const FROM = Date.parse('2026-02-02T00:00:00Z');
it('tries', () => {
  for (const plan of [{ practices: 100, days: 28, rps: 20 }]) {
    const at = process.cpuUsage();
    const r = new YearRun({
      seed: 'day',
      practices: plan.practices,
      days: plan.days,
      from: FROM,
      requestsPerSecond: plan.rps,
    }).run();
    const used = process.cpuUsage(at);
    console.log(JSON.stringify(r), (used.user + used.system) / 1e6);
  }
}, 300_000);
