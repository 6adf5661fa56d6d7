import { newCursor, type PassCursor, type PassName, type PendingEntry, type ResourceFacts } from '../core/model.js';
import { passClass, passDueAt } from '../core/pass-schedule.js';
import { isStaged } from './reading-places.js';
import type { PassSpec, ResourceSpec, WorkClass } from '../ports/connector.js';
import type { LaneProcess, LaneShard } from './lane-ports.js';
import { PendingQueue, WORK_CLASSES } from './pending-queue.js';

export interface DuePass {
  readonly spec: ResourceSpec;
  readonly pass: PassSpec;
}

const AWAIT_NOTICES_MS = 500;
/** A record of a resource that is not enabled any more waits for a configuration in which it is. */
const NOT_ENABLED_MS = 86_400_000;

/** What a lane has to do and when: records that wait, passes, and what holds either back. */
export class LaneAgenda {
  readonly queue = new PendingQueue();
  private readonly cursors = new Map<string, PassCursor>();
  private readonly throttled = new Map<string, number>();
  private readonly busyPasses = new Set<string>();

  constructor(
    private readonly shard: LaneShard,
    private readonly process: LaneProcess,
    private readonly facts: (resource: string) => ResourceFacts,
    private readonly about: { isAnnounced(resource: string): boolean; firstReadingFrom(): number },
  ) {}

  load(cursors: readonly { readonly resource: string; readonly cursor: PassCursor }[]): void {
    for (const { resource, cursor } of cursors) {
      this.setCursor(resource, { ...newCursor(cursor.pass, 0), ...cursor });
    }
  }

  cursor(resource: string, pass: PassName): PassCursor {
    return this.cursors.get(`${resource}\0${pass}`) ?? newCursor(pass, 0);
  }

  setCursor(resource: string, cursor: PassCursor): void {
    this.cursors.set(`${resource}\0${cursor.pass}`, cursor);
  }

  /** Nothing of this class is asked of the resource before this instant. */
  throttle(resource: string, work: WorkClass, until: number): void {
    this.throttled.set(`${resource}\0${work}`, until);
  }

  throttleAll(resource: string, until: number): void {
    for (const work of WORK_CLASSES) this.throttle(resource, work, until);
  }

  /** Takes the next record of a class that may be fetched now. */
  takeRecord(work: WorkClass, now: number): PendingEntry | null {
    return this.queue.take(work, now, (entry) => this.gate(entry, work, now));
  }

  /** Takes the next pass of a class that may go on now. */
  takePass(work: WorkClass, now: number): DuePass | null {
    for (const { spec, pass, due } of this.passes()) {
      const cursor = this.cursor(spec.name, pass.name);
      if (due > now || passClass(pass, this.facts(spec.name), cursor) !== work) continue;
      this.busyPasses.add(`${spec.name}\0${pass.name}`);
      return { spec, pass };
    }
    return null;
  }

  passDone({ spec, pass }: DuePass): void {
    this.busyPasses.delete(`${spec.name}\0${pass.name}`);
  }

  /** How many calls there is something to do for, up to `most`; an estimate from above. */
  dueCount(now: number, most: number, withPasses: boolean): number {
    let due = this.queue.dueCount(now, most);
    if (withPasses) for (const pass of this.passes()) if (pass.due <= now) due += 1;
    return Math.min(due, most);
  }

  nextDue(withPasses: boolean): number {
    let next = this.queue.nextDue() ?? Infinity;
    if (withPasses) for (const { due } of this.passes()) next = Math.min(next, due);
    return next;
  }

  /** All passes that are not running and may go on by the clock. */
  private *passes(): Iterable<DuePass & { readonly due: number }> {
    for (const spec of this.process.connector.resources) {
      const facts = this.facts(spec.name);
      for (const pass of spec.passes) {
        if (this.busyPasses.has(`${spec.name}\0${pass.name}`)) continue;
        if (this.queue.backlog(spec.name, pass.name) >= this.process.rules.passBacklog) continue;
        const cursor = this.cursor(spec.name, pass.name);
        const due = passDueAt(pass, cursor, facts, this.about.isAnnounced(spec.name));
        if (due === null) continue;
        const open = Math.max(due, this.openFrom(spec.name, passClass(pass, facts, cursor)));
        yield { spec, pass, due: isStaged(facts) ? Math.max(open, this.stagedFrom(open)) : open };
      }
    }
  }

  /** From when on a record may be fetched. */
  private gate(entry: PendingEntry, work: WorkClass, now: number): number {
    const { awaitAfter } = entry.detail;
    if (awaitAfter !== undefined && (this.shard.horizon.consumedAsOf ?? 0) <= awaitAfter) {
      this.shard.horizon.ask(awaitAfter);
      return now + AWAIT_NOTICES_MS;
    }
    const isEnabled = this.process.connector.resources.some((spec) => spec.name === entry.resource);
    if (!isEnabled) return now + NOT_ENABLED_MS;
    // Who asks for it now wants to know whether it is permitted now.
    if (entry.detail.asked?.kind === 'verify') return this.throttledUntil(entry.resource, work);
    return this.openFrom(entry.resource, work);
  }

  private throttledUntil(resource: string, work: WorkClass): number {
    return this.throttled.get(`${resource}\0${work}`) ?? 0;
  }

  /** A place is asked for only once there is something to do with it. */
  private stagedFrom(open: number): number {
    return open <= this.process.now() ? this.about.firstReadingFrom() : open;
  }

  private openFrom(resource: string, work: WorkClass): number {
    return Math.max(this.facts(resource).forbiddenUntil ?? 0, this.throttledUntil(resource, work));
  }
}
