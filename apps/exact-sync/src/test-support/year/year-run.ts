import { GatewayGate, PresenceWatch } from '@relay/sync-engine';
import { Seeded } from '@relay/vendor-twins';
import { RequestRate } from '../../calls/request-rate.js';
import { incidentsOf, judgeAlerts, type AlertCount } from './incidents.js';
import { PracticeLane } from './practice-lane.js';
import { DAY, drawGatewayOutages, drawLives, type LifePlan, type Span } from './practice-life.js';
import { TimeHeap } from './time-heap.js';
import { FAR_EVERY, FAR_PAGES, NEAR_EVERY, SWEEP_EVERY, SWEEP_PAGES, YearTally } from './year-tally.js';

export interface YearPlan extends LifePlan {
  readonly requestsPerSecond: number;
}

export interface YearResult {
  readonly practices: number;
  readonly days: number;
  readonly requestsPerSecond: number;
  /** Seconds that a change of a near appointment waited while its practice was there, by how many in a hundred. */
  readonly freshness: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly calls: number;
  /** Share of the calls that found a practice away. */
  readonly unanswered: number;
  readonly mostInASecond: number;
  /** Most calls to one practice in one hour, and how many on the average of those in which it was called. */
  readonly mostOfAPractice: number;
  readonly meanOfAPractice: number;
  readonly alerts: AlertCount;
  /** Practices that were said to be away while only the gateway was. */
  readonly blamedForGateway: number;
  readonly gatewayOutages: number;
}

const LIMITS = { failures: 5, minMs: 1_000, maxMs: 900_000 };
/** A request and its answer; what is not answered takes as long to be refused. */
const CALL_MS = 200;
const SHORT_WAIT_MS = 2_000;
/** What a practice is asked for: near appointments before all else; then the rest of them, and the other lists. */
const NEAR = 0;
const KINDS = 3;
const EVERY = [NEAR_EVERY, FAR_EVERY, SWEEP_EVERY];
const PAGES = [1, FAR_PAGES, SWEEP_PAGES];

/** Runs the presence model, the breaker, the gateway's gate and the line of requests through weeks of many practices. */
export class YearRun {
  private now: number;
  private readonly end: number;
  private readonly heap = new TimeHeap();
  private readonly lanes: readonly PracticeLane[];
  private readonly outages: readonly Span[];
  private readonly rate: RequestRate;
  private readonly gate: GatewayGate;
  private readonly tally: YearTally;
  private readonly alerts: number[][];
  private readonly nearAt: Float64Array;
  private readonly pagesLeft: Int32Array;
  /** Those whose place in the line has come. */
  private readonly placed: Uint8Array;
  private readonly keys: readonly string[];
  private readonly random: () => number;
  private outageAt = 0;
  private blamed = 0;

  constructor(private readonly plan: YearPlan) {
    const { practices, from, days } = plan;
    this.now = from;
    this.end = from + days * DAY;
    const seeded = new Seeded(plan.seed, 'run');
    this.random = () => seeded.next();
    const byId = new Map<string, number>();
    this.alerts = Array.from({ length: practices }, () => []);
    const presence = new PresenceWatch({
      info: () => undefined,
      warn: (fields) => {
        const { tenantId } = fields as { tenantId?: string };
        if (tenantId !== undefined) this.alerts[byId.get(tenantId) ?? 0]?.push(this.now);
      },
    });
    this.gate = new GatewayGate(LIMITS, this.random);
    const process = { now: () => this.now, random: this.random, breaker: LIMITS, presence, gateway: this.gate };
    this.lanes = drawLives(plan).map((life) => new PracticeLane(life, process));
    for (const [index, { tenantId }] of this.lanes.entries()) byId.set(tenantId, index);
    this.outages = drawGatewayOutages(plan);
    this.rate = new RequestRate(plan.requestsPerSecond);
    this.tally = new YearTally(practices, from);
    this.nearAt = new Float64Array(practices).fill(from);
    this.pagesLeft = new Int32Array(practices * KINDS);
    this.placed = new Uint8Array(practices * KINDS);
    this.keys = Array.from({ length: practices * KINDS }, (_, thing) => `k${thing}`);
  }

  run(): YearResult {
    for (let thing = 0; thing < this.lanes.length * KINDS; thing += 1) {
      this.heap.push(this.now + this.random() * (EVERY[thing % KINDS] as number), thing);
    }
    while (this.heap.nextAt < this.end) {
      this.now = this.heap.nextAt;
      this.step(this.heap.pop());
    }
    return this.result();
  }

  private step(thing: number): void {
    const lane = this.lanes[Math.floor(thing / KINDS)] as PracticeLane;
    const kind = thing % KINDS;
    if (this.placed[thing] === 1) {
      this.placed[thing] = 0;
      return this.call(lane, thing, kind);
    }
    const { breaker } = lane.state;
    const open = Math.max(breaker.until ?? 0, this.gate.openFrom(this.now));
    // Of a practice that is away one thing is asked: the near ones.
    if (open > this.now) return this.heap.push(open + (kind === NEAR ? 0 : 1_000), thing);
    if (breaker.until !== null && kind !== NEAR) return this.heap.push(this.now + NEAR_EVERY, thing);
    const place = this.rate.place(this.now, SHORT_WAIT_MS, { key: this.keys[thing] as string, urgent: kind === NEAR });
    if (place.kind === 'later') return this.heap.push(this.now + place.afterMs, thing);
    this.gate.entered(this.now);
    if (place.waitMs === 0) return this.call(lane, thing, kind);
    this.placed[thing] = 1;
    this.heap.push(this.now + place.waitMs, thing);
  }

  private call(lane: PracticeLane, thing: number, kind: number): void {
    const practice = Math.floor(thing / KINDS);
    const span = lane.upSpan(this.now);
    const isOut = this.isGatewayOut();
    this.tally.called(practice, this.now, span !== null && !isOut);
    if (span === null || isOut) return this.silent(lane, thing);
    this.gate.answered(this.now);
    lane.answered();
    if (kind === NEAR) {
      this.tally.nearRead(this.now - Math.max(this.nearAt[practice] as number, span.from) + CALL_MS);
      this.nearAt[practice] = this.now;
    }
    this.next(thing, kind);
  }

  private silent(lane: PracticeLane, thing: number): void {
    const silence = lane.unavailable();
    if (silence !== 'own') {
      if (silence === 'gateway') this.gate.out(this.now);
      return this.heap.push(this.now + LIMITS.minMs, thing);
    }
    this.heap.push(lane.state.breaker.until ?? this.now + 2 * LIMITS.minMs, thing);
  }

  /** The next page of a reading, or the next reading. */
  private next(thing: number, kind: number): void {
    const left = this.pagesLeft[thing] as number;
    const pages = left === 0 ? (PAGES[kind] as number) : left;
    this.pagesLeft[thing] = pages - 1;
    const pause = pages > 1 ? CALL_MS : (EVERY[kind] as number) * (0.9 + this.random() / 5);
    this.heap.push(this.now + pause, thing);
  }

  private isGatewayOut(): boolean {
    const { outages, now } = this;
    while (this.outageAt < outages.length && (outages[this.outageAt] as Span).to <= now) {
      this.blamed += this.lanes.filter((lane) => isBlamedFor(outages[this.outageAt] as Span, lane)).length;
      this.outageAt += 1;
    }
    const outage = outages[this.outageAt];
    return outage !== undefined && outage.from <= now;
  }

  private result(): YearResult {
    const { plan, tally, lanes, alerts } = this;
    const judged = lanes.map(({ life }, index) =>
      judgeAlerts(
        { incidents: incidentsOf(life, plan.from, this.end), firstClosed: life.firstClosed },
        alerts[index] as number[],
        plan.from + 7 * DAY,
      ),
    );
    const sum = (of: (count: AlertCount) => number): number => judged.reduce((total, one) => total + of(one), 0);
    return {
      practices: plan.practices,
      days: plan.days,
      requestsPerSecond: plan.requestsPerSecond,
      freshness: { p50: tally.freshness(50), p95: tally.freshness(95), p99: tally.freshness(99) },
      calls: tally.calls,
      unanswered: tally.unanswered / Math.max(1, tally.calls),
      mostInASecond: tally.mostInASecond,
      mostOfAPractice: tally.mostOfAPractice,
      meanOfAPractice: Math.round(tally.calls / Math.max(1, tally.practiceHours)),
      alerts: {
        alerts: sum((c) => c.alerts),
        false: sum((c) => c.false),
        firstClosed: sum((c) => c.firstClosed),
        due: sum((c) => c.due),
        missed: sum((c) => c.missed),
        unlearntDue: sum((c) => c.unlearntDue),
        unlearntMissed: sum((c) => c.unlearntMissed),
      },
      blamedForGateway: this.blamed,
      gatewayOutages: this.outages.length,
    };
  }
}

/** It had answered until then, was there all the time, and is held to be away. */
function isBlamedFor(outage: Span, { life, answeredAt, state }: PracticeLane): boolean {
  const wasThere = life.up.some(({ from, to }) => from <= answeredAt && to >= outage.to);
  return wasThere && answeredAt >= outage.from - 5 * NEAR_EVERY && state.breaker.until !== null;
}
