import type { Metrics } from '@relay/service-kit';
import { STANDINGS, type PresenceWatch } from './presence/presence-watch.js';
import type { CallSlots } from './lanes/call-slots.js';

/** What the engine counts about itself. Labels never hold tenants or record ids. */
export class EngineMetrics {
  private readonly calls;
  private readonly seconds;
  private readonly checks;
  private readonly taken;
  private readonly commits;
  private readonly commitOps;

  constructor(private readonly metrics: Metrics) {
    this.calls = metrics.counter({
      name: 'relay_sync_calls_total',
      help: 'Calls to the vendor by what they were for and how they ended',
      labelNames: ['operation', 'outcome'],
    });
    this.seconds = metrics.histogram({
      name: 'relay_sync_call_seconds',
      help: 'Time of calls to the vendor',
      labelNames: ['operation'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
    });
    this.checks = metrics.counter({
      name: 'relay_sync_checks_total',
      help: 'Searches for changes that were begun, by what has set their pace: usual, notices-missed, missed-elsewhere, no-notices, asked',
      labelNames: ['reason'],
    });
    this.taken = metrics.counter({
      name: 'relay_sync_notices_total',
      help: 'Notices by what became of them',
      labelNames: ['outcome'],
    });
    this.commits = metrics.histogram({
      name: 'relay_sync_commit_seconds',
      help: 'Time of commit transactions',
      labelNames: [],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    });
    this.commitOps = metrics.histogram({
      name: 'relay_sync_commit_results',
      help: 'Results in one commit transaction',
      labelNames: [],
      buckets: [1, 2, 5, 10, 25, 50, 100, 250],
    });
  }

  called(operation: string, outcome: string, seconds: number): void {
    this.calls.inc({ operation, outcome });
    this.seconds.observe({ operation }, seconds);
  }

  checked(reason: string): void {
    this.checks.inc({ reason });
  }

  notices(outcome: string, by: number): void {
    if (by > 0) this.taken.inc({ outcome }, by);
  }

  committed(ops: number, seconds: number): void {
    this.commits.observe(seconds);
    this.commitOps.observe(ops);
  }

  /** Of tenants with a server of their own. */
  watchPresence(watch: PresenceWatch, now: () => number): void {
    this.metrics.gauge({
      name: 'relay_sync_presence',
      help: 'Practices with a server of their own by how it stands; broken: longer silent in its usual hours than it ever was',
      labelNames: ['standing'],
      collect() {
        for (const standing of STANDINGS) this.set({ standing }, watch.count(standing));
      },
    });
    this.metrics.gauge({
      name: 'relay_sync_days_off',
      help: 'Countries in which so many practices are away that it is taken for a day off',
      labelNames: [],
      collect() {
        this.set(watch.daysOff.length);
      },
    });
    this.metrics.gauge({
      name: 'relay_sync_gateway_out',
      help: '1 while so many practices fail at once that the gateway is taken to be out',
      labelNames: [],
      collect() {
        this.set(watch.isOut(now()) ? 1 : 0);
      },
    });
  }

  watchSlots(slots: CallSlots): void {
    this.metrics.gauge({
      name: 'relay_sync_calls_running',
      help: 'Calls in flight by pool',
      labelNames: ['pool'],
      collect() {
        this.set({ pool: 'ordinary' }, slots.running.ordinary);
        this.set({ pool: 'slow' }, slots.running.slow);
      },
    });
  }
}
