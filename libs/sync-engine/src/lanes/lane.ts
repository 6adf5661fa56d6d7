import { breakerAfter, type Breaker } from '@relay/http-client';
import type { TenantValue } from '@relay/contracts';
import { NEW_LANE, type LaneBlock, type LaneState } from '../core/lane-state.js';
import type { PassCursor, PassName, PendingEntry, ResourceFacts } from '../core/model.js';
import type { EventOrigin } from '../core/record-version.js';
import type { CallContext, ResourceSpec, TenantPlace, WorkClass } from '../ports/connector.js';
import { LanePresence, type PresenceLane, type Silence } from '../presence/lane-presence.js';
import type { Committed } from '../shards/committer.js';
import { LaneAgenda, type LaneAbout } from './lane-agenda.js';
import type { CallSlot } from './call-slots.js';
import type { Wakeable } from './lane-clock.js';
import type { LaneProcess, LaneShard } from './lane-ports.js';
import { isWithoutToken, originOf, takenOver } from './lane-standing.js';
import { LaneTurns, type TurnsLane } from './lane-turns.js';
import type { LaneWork } from './lane-work.js';
import { isStaged } from './reading-places.js';
import type { PendingQueue } from './pending-queue.js';

/** Runs one piece of work. Throws only when the shard is lost or we are wrong. */
export type LaneRunner = (lane: Lane, work: LaneWork, slot: CallSlot, probing: boolean) => Promise<void>;

/**
 * One tenant's work and how the tenant stands: whether it may be called, with what token, what is held against it. Lives in the
 * memory of the shard's owner; what it has to remember is committed. When its work has a turn is said by `LaneTurns`.
 */
export class Lane implements Wakeable, LaneAbout, PresenceLane, TurnsLane {
  readonly agenda: LaneAgenda;
  readonly presence = new LanePresence(this);
  readonly listedAt = new Map<string, number>();
  /** Window and unordered passes: ids met by the run under way. Lost with the process: such a run proves no absence. */
  readonly met = new Map<string, { readonly ids: Set<string>; readonly startSeq: bigint }>();
  /** Faults of the vendor's gateway in a row, as this tenant's calls have met them. */
  gatewayFaults = 0;
  private readonly abort = new AbortController();
  private laneState: LaneState = NEW_LANE;
  /** Version of the newest token that was published for the tenant since the lane is here. */
  private newestToken = 0;
  private readonly turns: LaneTurns;
  private ready = false;

  constructor(
    private present: TenantValue,
    readonly shard: LaneShard,
    readonly process: LaneProcess,
    run: LaneRunner,
  ) {
    this.agenda = new LaneAgenda(shard, process, this);
    this.turns = new LaneTurns(this, this.agenda, process, (...work) => run(this, ...work));
  }

  get tenant(): TenantValue {
    return this.present;
  }

  get tenantId(): string {
    return this.present.tenantId;
  }

  get state(): LaneState {
    return this.laneState;
  }

  /** Its state has been read from the tables. */
  get isLoaded(): boolean {
    return this.ready;
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get origin(): EventOrigin {
    return originOf(this.process.connector, this.present);
  }

  /** State from the tables; from here on the lane may work. */
  load(state: LaneState | null, cursors: readonly { resource: string; cursor: PassCursor }[]): void {
    this.laneState = takenOver(state, this.laneState, this.present);
    this.process.connector.spending?.takeOver(this.tenantId, state === null ? null : state.spending);
    this.agenda.load(cursors);
    this.ready = true;
    this.wake();
  }

  /** The tenant has changed; whether it may be called is in its state. */
  update(tenant: TenantValue): void {
    const resumed = this.present.state !== 'active' && tenant.state === 'active';
    this.present = tenant;
    if (tenant.state !== 'active') this.presence.forget();
    // A person, or a new registration, says that it can be called again. What was held against it before is found out anew:
    // told once more, it would have the tenant suspended again before a single call.
    if (resumed && this.laneState.block !== null) this.setState({ block: null });
    this.shard.touched(this.tenantId, null);
    this.wake();
  }

  placeFrom(): number {
    return this.process.places.openFrom(this.tenantId);
  }

  takePlace(): boolean {
    return this.process.places.take(this.tenantId);
  }

  /** Lets another tenant do its first reading, unless there is more of that to do here. */
  giveUpPlace(): void {
    const { connector, places } = this.process;
    if (!connector.resources.some(({ name }) => isStaged(this.facts(name)))) places.leave(this.tenantId);
  }

  stop(): void {
    this.abort.abort();
    this.presence.forget();
    this.process.places.leave(this.tenantId);
    this.process.clock.schedule(this, null);
  }

  setState(change: Partial<LaneState>): void {
    this.laneState = { ...this.laneState, ...change };
    this.save();
    this.shard.touched(this.tenantId, null);
  }

  /** Has its state committed, with what was spent of the tenant's limits until now. */
  save(): void {
    const { spending } = this.process.connector;
    if (spending !== undefined) this.laneState = { ...this.laneState, spending: spending.told(this.tenantId) };
    this.shard.saveLane(this.tenantId, this.laneState);
  }

  facts(resource: string): ResourceFacts {
    return this.shard.memory.resource(this.tenantId, resource).facts;
  }

  get queue(): PendingQueue {
    return this.agenda.queue;
  }

  cursor(resource: string, pass: PassName): PassCursor {
    return this.agenda.cursor(resource, pass);
  }

  setCursor(resource: string, cursor: PassCursor): void {
    this.agenda.setCursor(resource, cursor);
  }

  /** Its changes are, or once were, to be announced: one that was not is missed. */
  noticesKnown(resource: string): boolean {
    return this.isAnnounced(resource) || (this.laneState.noticesOnceFor ?? []).includes(resource);
  }

  /** Its changes are announced, as far as can be seen: checks need not make haste. */
  isAnnounced(resource: string): boolean {
    return (
      this.laneState.noticesFor.includes(resource) ||
      this.shard.memory.resource(this.tenantId, resource).noticesDelivered
    );
  }

  callContext(work: WorkClass, probing: boolean): CallContext {
    const { rules, callTimeoutMs } = this.process;
    return {
      tenant: this.present,
      work,
      signal: this.abort.signal,
      timeoutMs: probing ? Math.min(rules.probeTimeoutMs, callTimeoutMs) : callTimeoutMs,
    };
  }

  /** Makes the queue agree with what a transaction has done. */
  settle(committed: Committed): void {
    for (const entry of committed.removed) this.queue.remove(entry);
    for (const entry of committed.present) this.queue.set(entry);
    const { awaitNotices, counted } = committed.effects;
    if (awaitNotices !== undefined) this.shard.horizon.ask(awaitNotices);
    // Changes without a notice: whatever was set up for them may have been switched off.
    if (counted.some(({ counter, by }) => counter === 'missed' && by > 0)) this.prepareEarly('doubted');
  }

  /** Has the tenant prepared before its time: at once when somebody asks, else not too often. */
  prepareEarly(wish: 'doubted' | 'asked'): void {
    const { prepareAt, preparedAt = null, prepareWish = null } = this.laneState;
    if (this.process.connector.prepare === undefined || !this.isPrepared()) return;
    if (prepareWish === wish || prepareWish === 'asked') return;
    const now = this.process.now();
    const at = wish === 'asked' ? now : Math.max(now, (preparedAt ?? 0) + this.process.rules.doubtPauseMs);
    this.setState({ prepareWish: wish, prepareAt: Math.min(prepareAt ?? Infinity, at) });
    this.wake();
  }

  /** A row of `pending` that was written for this tenant. */
  waits(entry: PendingEntry): void {
    this.queue.set(entry);
  }

  isPrepared(): boolean {
    return this.process.connector.prepare === undefined || this.laneState.preparedVersion !== null;
  }

  /** Starts as much as may run now and has the clock wake the lane for the rest. */
  wake(): void {
    if (!this.abort.signal.aborted && this.ready) this.turns.take();
  }

  /** Where its own server stands; null = it has none. */
  place(): TenantPlace | null {
    return this.process.connector.placeOf?.(this.present) ?? null;
  }

  /**
   * The vendor has answered, a call that took so long: whatever was held against the tenant is over. `spec` = what was asked
   * for, if that tells.
   */
  answered(spec: Pick<ResourceSpec, 'answeredByVendor'> | null = null, tookMs = 0): void {
    const askedAt = this.process.now() - tookMs;
    this.process.gateway.answered(askedAt);
    this.gatewayFaults = 0;
    const { breaker, block } = this.laneState;
    // The vendor's own copy proves nothing about the tenant's server.
    if (spec?.answeredByVendor === true && this.place() !== null) {
      if (block !== null) this.setState({ block: null });
      return;
    }
    const learnt = this.presence.answered(askedAt);
    const isClosed = breaker.failures === 0 && breaker.until === null && block === null;
    if (isClosed) {
      if (learnt !== null) this.setState(learnt);
      return;
    }
    const closed = breakerAfter(breaker, 'success', this.process.now(), this.process.breaker);
    this.setState({ ...learnt, breaker: closed, offlineSince: null, block: null });
  }

  /** The tenant's server does not answer: `own`, unless the gateway is to blame that it shares with others, or may be. */
  unavailable(): Silence['kind'] {
    const { now, breaker: limits, random } = this.process;
    const silence = this.presence.silent();
    if (silence !== null && silence.kind !== 'own') return silence.kind;
    const breaker: Breaker =
      silence?.change.breaker ?? breakerAfter(this.laneState.breaker, 'failure', now(), limits, random);
    this.setState({ ...silence?.change, breaker, offlineSince: this.laneState.offlineSince ?? now() });
    // Somebody else may read in the meantime.
    this.process.places.leave(this.tenantId);
    return 'own';
  }

  block(kind: LaneBlock['kind'], forMs: number): void {
    const since = this.process.now();
    this.setState({ block: { kind, since, until: since + forMs } });
  }

  /** A newer token is there. */
  tokenChanged(version: number): void {
    this.newestToken = Math.max(this.newestToken, version);
    this.lookForToken();
  }

  /** What is known of tokens is not what it was: one that has none looks again. */
  lookForToken(): void {
    if (!isWithoutToken(this.laneState)) return;
    this.setState({ block: null });
    this.wake();
  }

  hasNewerToken(version: number): boolean {
    return this.newestToken > version;
  }
}
