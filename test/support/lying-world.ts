import { recordTopic } from '@relay/contracts';
import { until, type TestScope } from '@relay/testing';
import type { WebhookRates } from '@relay/vendor-twins';
import { checkConverged } from './converged-checker.js';
import { EventLog, type SeenEvent } from './event-log.js';
import { checkLog } from './log-checker.js';
import { checkMissed, fatesOf, type Fates, type ToldOf } from './missed-checker.js';
import { RelayStack } from './relay-stack.js';
import { StatusLog } from './status-log.js';
import { VendorHistory, type ProvetHistory } from './vendor-history.js';

const RESOURCES = ['client', 'patient', 'appointment'] as const;
type Resource = (typeof RESOURCES)[number];
/** The trigger that announces a change of each. */
const TRIGGERS: Readonly<Record<Resource, number>> = { client: 1, patient: 2, appointment: 21 };
const RECORDS = 40;
const ROUNDS = 4;
const RECONCILE_SECONDS = 4;
const GRACE_SECONDS = 6;

/** Out of order and doubled, but within the grace: second ones come when the first has long been fetched. */
const UNTIDY = { duplicate: 0.1, duplicateMs: 4_000, reorder: 0.3, reorderMs: 1_500, delayMs: 50 };
const PRACTICES: readonly { readonly id: number; readonly rates: Partial<WebhookRates>; readonly changes: boolean }[] =
  [
    { id: 1, rates: { ...UNTIDY, drop: 0.2 }, changes: true },
    // Later than any check: found first, announced afterwards.
    { id: 2, rates: { ...UNTIDY, drop: 0.2, late: 0.2, lateMs: 25_000 }, changes: true },
    { id: 3, rates: UNTIDY, changes: true },
    { id: 4, rates: {}, changes: false },
  ];
/** Their vendor tells everything, or there is nothing to tell. */
export const QUIET: readonly number[] = [3, 4];

/** Four practices, of which two have a vendor that loses webhooks; the seed says which ones. */
export class LyingWorld {
  private readonly history: ProvetHistory;
  private readonly changedAt = new Map<string, number>();

  private constructor(
    private readonly relay: RelayStack,
    private readonly log: EventLog,
    private readonly status: StatusLog,
  ) {
    this.history = VendorHistory.provet(relay);
  }

  /** A relay with all four practices live and their webhooks in place. */
  static async start(scope: TestScope, seed: string): Promise<LyingWorld> {
    const relay = await RelayStack.start(scope, {
      simulator: { seed },
      env: {
        PROVET_RESOURCES: RESOURCES.join(','),
        PROVET_RECONCILE_SECONDS: String(RECONCILE_SECONDS),
        PROVET_NOTICE_GRACE_SECONDS: String(GRACE_SECONDS),
      },
    });
    const topics = RESOURCES.map((resource) => ['provet', resource] as ['provet', string]);
    const world = new LyingWorld(
      relay,
      await EventLog.follow(scope, relay.kafka, topics),
      await StatusLog.follow(scope, relay.kafka),
    );
    await Promise.all(PRACTICES.map(({ id }) => world.join(id)));
    return world;
  }

  private async join(id: number): Promise<void> {
    const tenantId = await this.relay.joinProvet({ id, records: RECORDS });
    const { switches } = this.relay.simulator.provet.tenant(id);
    switches.limits = false;
    await until(`${id} is live and has its webhooks`, () => this.isReady(tenantId), { timeoutMs: 60_000 });
    this.history.begin(id, RESOURCES);
    switches.webhooks = PRACTICES.find((practice) => practice.id === id)?.rates ?? {};
  }

  private isReady(tenantId: string): boolean {
    return RESOURCES.every((resource) => {
      const status = this.status.of(tenantId, resource);
      return status?.phase === 'live' && status.webhooks?.state === 'in-place';
    });
  }

  /** Changes every record once, some of them between any two checks. */
  async changeEverything(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      for (let id = 1 + round; id <= RECORDS; id += ROUNDS) for (const resource of RESOURCES) this.change(resource, id);
      await this.moreChecks(1);
    }
  }

  private change(resource: Resource, id: number): void {
    for (const practice of PRACTICES) {
      if (!practice.changes) continue;
      const member = resource === 'appointment' ? 'title' : 'firstname';
      this.changedAt.set(`${practice.id} ${resource} ${id}`, Date.now());
      this.history.put(practice.id, resource, id, { [member]: `Changed-${id}` });
    }
  }

  /** Waits until so many more checks of everything have begun. */
  async moreChecks(count: number): Promise<void> {
    const asked = (id: number, resource: Resource): number => this.checks(id, resource).length;
    const all = PRACTICES.flatMap(({ id }) => RESOURCES.map((resource) => ({ id, resource })));
    const wanted = all.map((one) => ({ ...one, at: asked(one.id, one.resource) + count }));
    await until(`${count} more checks`, () => wanted.every(({ id, resource, at }) => asked(id, resource) >= at), {
      timeoutMs: 60_000,
    });
  }

  /** When checks of a practice's resource have begun. */
  private checks(id: number, resource: Resource): number[] {
    const first = new RegExp(`^GET /${id}/api/0\\.1/${resource}/\\?(?!.*id__gt=).*modified__gte=`);
    return this.relay.simulator.provet.requests.list(first).map(({ at }) => at);
  }

  /** Waits until the vendor has delivered what it will and the relay tells of all of it as the vendor does. */
  async untilTold(): Promise<void> {
    const { deliveries } = this.relay.simulator.provet;
    await until('the vendor has posted everything', () => deliveries.unfinished === 0, { timeoutMs: 60_000 });
    await until(
      'all is told as it was',
      () => {
        const problems = this.problems();
        if (problems.length > 0) throw new Error(problems.slice(0, 6).join('; '));
        return true;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
  }

  /** What is not as the vendor's own record of its webhooks says, and what is wrong with the topics. */
  problems(): string[] {
    const { events } = this.log;
    return [
      ...this.told().flatMap((told) => checkMissed(told)),
      ...checkConverged(events, this.history.states),
      ...checkLog(events),
    ];
  }

  private told(): (ToldOf & { readonly id: number; readonly resource: Resource })[] {
    return PRACTICES.flatMap(({ id, changes }) => RESOURCES.map((resource) => this.toldOf(id, resource, changes)));
  }

  private toldOf(id: number, resource: Resource, changes: boolean) {
    const tenantId = this.relay.tenantId(id);
    const counters = this.status.of(tenantId, resource)?.counters;
    if (counters === undefined) throw new Error(`no status of ${resource} of ${id}`);
    return {
      id,
      resource,
      name: `${resource} of ${id}`,
      changed: changes ? Array.from({ length: RECORDS }, (_, index) => index + 1) : [],
      notes: this.relay.simulator.provet.deliveries.notes({ tenantId: id, trigger: TRIGGERS[resource] }),
      // The first is that of the first reading.
      eventsOf: (recordId: number): SeenEvent[] =>
        this.log.of(`${tenantId}/${recordId}`, recordTopic('provet', resource)).slice(1),
      counters,
    };
  }

  /** Changes whose webhook was lost, or late, with how many checks began after their grace and before they were looked at. */
  found(): { readonly what: string; readonly checks: number }[] {
    return this.told().flatMap(({ id, resource, ...told }) => {
      const { dropped, late } = fatesOf(told);
      return [...dropped, ...late].map((recordId) => ({
        what: `${resource} ${recordId} of ${id}`,
        checks: this.checksBeforeLook(id, resource, recordId),
      }));
    });
  }

  private checksBeforeLook(id: number, resource: Resource, recordId: number): number {
    const changedAt = this.changedAt.get(`${id} ${resource} ${recordId}`) ?? 0;
    const looks = this.relay.simulator.provet.requests.list(
      new RegExp(`^GET /${id}/api/0\\.1/${resource}/${recordId}/$`),
    );
    const look = looks.find(({ at }) => at > changedAt)?.at ?? Infinity;
    return this.checks(id, resource).filter((at) => at > changedAt + GRACE_SECONDS * 1000 && at < look).length;
  }

  /** The sum of all practices' fates and the vendor's own tally, for the test's output and its own soundness. */
  sums(): { readonly fates: Record<keyof Fates, number>; readonly tally: object } {
    const fates = this.told().map((told) => fatesOf(told));
    const sum = (of: (fate: Fates) => number): number => fates.reduce((total, fate) => total + of(fate), 0);
    return {
      fates: {
        dropped: sum(({ dropped }) => dropped.length),
        late: sum(({ late }) => late.length),
        announced: sum(({ announced }) => announced.length),
        delivered: sum(({ delivered }) => delivered),
      },
      tally: this.relay.simulator.provet.deliveries.tally(),
    };
  }

  missedOf(id: number): number[] {
    return RESOURCES.map((resource) => this.status.counter(this.relay.tenantId(id), resource, 'missed'));
  }
}
