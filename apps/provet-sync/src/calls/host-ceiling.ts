import { WindowBudget } from '@relay/http-client';
import type { Metrics } from '@relay/service-kit';

const SECOND_MS = 1000;
/** A turn that nobody has come for by then is given up. A tenant that was put off is not always back on the dot. */
const LATE_MS = 2_000;

interface Host {
  readonly budget: WindowBudget;
  /** From when on the next turn may be given out. */
  nextTurnAt: number;
  /** Turns that were given out and not used yet, in their order; one a tenant. */
  readonly turns: Map<string, number>;
}

/**
 * How many requests a second go to one host, over all tenants of this process. Where more are wished for, tenants are given
 * turns in the order in which they asked, one each: who has thousands of calls to make comes as often as who has one. A turn
 * is an instant, nothing waits for it here: the tenant's lane comes again by its own clock.
 */
export class HostCeiling {
  private readonly hosts = new Map<string, Host>();
  private readonly ended = { used: 0, passed: 0, 'given-up': 0 };

  /** `requestsPerSecond` = 0: no ceiling. */
  constructor(private readonly requestsPerSecond: number) {}

  /** 0 = it is the tenant's turn now, and the request is to be told of with `sent`; else how long until its turn. */
  waitMs(hostName: string, tenantId: string, now: number): number {
    if (this.requestsPerSecond === 0) return 0;
    const host = this.hostOf(hostName, now);
    this.giveUpTurns(host, now);
    const turn = host.turns.get(tenantId) ?? this.newTurn(host, tenantId, now);
    return Math.max(0, turn - now, host.budget.waitFor(1, now));
  }

  /** The tenant has used its turn. */
  sent(hostName: string, tenantId: string, now: number): void {
    if (this.requestsPerSecond === 0) return;
    const host = this.hostOf(hostName, now);
    if (host.turns.delete(tenantId)) this.ended.used += 1;
    host.budget.take(1, now);
  }

  /** The tenant cannot use its turn. */
  passed(hostName: string, tenantId: string): void {
    if (this.hosts.get(hostName)?.turns.delete(tenantId) === true) this.ended.passed += 1;
  }

  /** Tenants that have a turn now or later. */
  waiting(hostName: string): number {
    return this.hosts.get(hostName)?.turns.size ?? 0;
  }

  /** Milliseconds until the next turn that is given out, at the host where that is longest. */
  longestWait(now: number): number {
    return Math.max(0, ...[...this.hosts.values()].map(({ nextTurnAt }) => nextTurnAt - now));
  }

  watch(metrics: Metrics, now: () => number = Date.now): void {
    const { ended } = this;
    const waitSeconds = (): number => this.longestWait(now()) / SECOND_MS;
    metrics.gauge({
      name: 'relay_provet_host_turn_wait_seconds',
      help: 'How long a practice that asks now waits for its turn at its host; 0 without a ceiling',
      labelNames: [],
      collect() {
        this.set(waitSeconds());
      },
    });
    metrics.gauge({
      name: 'relay_provet_host_turns',
      help: 'Turns since the start: used; passed on, since the practice’s own budget was spent; given up, since nobody came',
      labelNames: ['outcome'],
      collect() {
        for (const [outcome, count] of Object.entries(ended)) this.set({ outcome }, count);
      },
    });
  }

  private newTurn(host: Host, tenantId: string, now: number): number {
    const turn = Math.max(now, Math.ceil(host.nextTurnAt));
    host.nextTurnAt = Math.max(now, host.nextTurnAt) + SECOND_MS / this.requestsPerSecond;
    host.turns.set(tenantId, turn);
    return turn;
  }

  private giveUpTurns(host: Host, now: number): void {
    for (const [tenantId, turn] of host.turns) {
      if (turn + LATE_MS >= now) break;
      host.turns.delete(tenantId);
      this.ended['given-up'] += 1;
    }
  }

  private hostOf(name: string, now: number): Host {
    let host = this.hosts.get(name);
    if (host === undefined) {
      const budget = new WindowBudget({ limit: this.requestsPerSecond, windowMs: SECOND_MS });
      this.hosts.set(name, (host = { budget, nextTurnAt: now, turns: new Map() }));
    }
    return host;
  }
}
