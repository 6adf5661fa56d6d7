import { newCursor, type PassCursor, type PassName, type PendingEntry, type ResourceFacts } from '../core/model.js';
import { checkOf, doubtOf, paceOf, type Pace } from '../core/pace.js';
import { passClass, passDueAt } from '../core/pass-schedule.js';
import { WORK_CLASSES } from '../core/work-shares.js';
import { isStaged } from './reading-places.js';
import type { PassSpec, ResourceSpec, WorkClass } from '../ports/connector.js';
import type { LaneProcess, LaneShard } from './lane-ports.js';
import { PendingQueue } from './pending-queue.js';

export interface DuePass {
  readonly spec: ResourceSpec;
  readonly pass: PassSpec;
}

/** What the agenda goes by beside its own tables. */
export interface LaneAbout {
  facts(resource: string): ResourceFacts;
  isAnnounced(resource: string): boolean;
  /** From when on there may be a place for a staged reading. */
  placeFrom(): number;
  /** Takes one; false: there is none. */
  takePlace(): boolean;
}

/** How long something is held back. */
interface Pause {
  readonly until: number;
  readonly wishedBy: 'vendor' | 'us';
}

const AWAIT_NOTICES_MS = 500;
/** A record of a resource that is not enabled any more waits for a configuration in which it is. */
const NOT_ENABLED_MS = 86_400_000;

/** What a lane has to do and when: records that wait, passes, and what holds either back. */
export class LaneAgenda {
  readonly queue = new PendingQueue();
  private readonly cursors = new Map<string, PassCursor>();
  /** None while nothing is held back, and while no pass is running: there may be very many lanes. */
  private throttled: Map<string, Pause> | null = null;
  private busyPasses: Set<string> | null = null;

  constructor(
    private readonly shard: LaneShard,
    private readonly process: LaneProcess,
    private readonly about: LaneAbout,
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

  /** Nothing of this class is asked of the resource before this instant. `wishedBy`: by the vendor, or only by us. */
  throttle(resource: string, work: WorkClass, until: number, wishedBy: Pause['wishedBy'] = 'us'): void {
    const now = this.process.now();
    const throttled = (this.throttled ??= new Map<string, Pause>());
    for (const [key, pause] of throttled) if (pause.until <= now) throttled.delete(key);
    throttled.set(`${resource}\0${work}`, { until, wishedBy });
  }

  /** What we have put off ourselves is looked at now: somebody waits for it. The vendor's own wishes hold. */
  hurry(resource: string): void {
    for (const work of WORK_CLASSES) {
      const key = `${resource}\0${work}`;
      if (this.throttled?.get(key)?.wishedBy === 'us') this.throttled.delete(key);
    }
  }

  throttleAll(resource: string, until: number): void {
    for (const work of WORK_CLASSES) this.throttle(resource, work, until);
  }

  /** How often changes of a resource are looked for; null: only whole readings find them. */
  pace(spec: ResourceSpec): Pace | null {
    return this.paceBeside(spec, this.mostDoubt());
  }

  /** Takes the next record of a class that may be fetched now. */
  takeRecord(work: WorkClass, now: number): PendingEntry | null {
    return this.queue.take(work, now, (entry) => this.gate(entry, work, now));
  }

  /** Takes the next pass of a class that may go on now. */
  takePass(work: WorkClass, now: number): DuePass | null {
    for (const { spec, pass, due, isStaged: needsPlace } of this.passes()) {
      const cursor = this.cursor(spec.name, pass.name);
      if (due > now || passClass(pass, this.about.facts(spec.name), cursor) !== work) continue;
      if (needsPlace && !this.about.takePlace()) continue;
      (this.busyPasses ??= new Set()).add(`${spec.name}\0${pass.name}`);
      return { spec, pass };
    }
    return null;
  }

  passDone({ spec, pass }: DuePass): void {
    this.busyPasses?.delete(`${spec.name}\0${pass.name}`);
    if (this.busyPasses?.size === 0) this.busyPasses = null;
  }

  /** How many calls there is something to do for, up to `most`; an estimate from above. */
  dueCount(now: number, most: number, withPasses: boolean): number {
    let due = this.queue.dueCount(now, most);
    if (withPasses) for (const pass of this.passes()) if (pass.due <= now) due += 1;
    return Math.min(due, most);
  }

  /** When something is due next, and whether something to be read for the first time only waits for a place. */
  outlook(now: number, withPasses: boolean): { readonly next: number; readonly waitsForPlace: boolean } {
    let next = this.queue.nextDue() ?? Infinity;
    let waitsForPlace = false;
    if (withPasses) {
      for (const { open, due } of this.passes()) {
        next = Math.min(next, due);
        if (open <= now && due > now) waitsForPlace = true;
      }
    }
    return { next, waitsForPlace };
  }

  /** All passes that are not running, and from when on they may go on: by the clock (`open`), and by a place as well. */
  private *passes(): Iterable<DuePass & { readonly open: number; readonly due: number; readonly isStaged: boolean }> {
    const elsewhere = this.mostDoubt();
    for (const spec of this.process.connector.resources) {
      const facts = this.about.facts(spec.name);
      const pace = this.paceBeside(spec, elsewhere);
      for (const pass of spec.passes) {
        if (this.busyPasses?.has(`${spec.name}\0${pass.name}`) === true) continue;
        if (this.queue.backlog(spec.name, pass.name) >= this.process.rules.passBacklog) continue;
        const every = pass.reads === 'changed' && pace !== null ? pace.everySeconds : pass.everySeconds;
        const cursor = this.cursor(spec.name, pass.name);
        const due = passDueAt(pass, cursor, facts, every);
        if (due === null) continue;
        const open = Math.max(due, this.openFrom(spec.name, passClass(pass, facts, cursor)));
        // While it is forbidden it is only asked for, which takes no place.
        const needsPlace = isStaged(facts) && facts.forbiddenUntil === null;
        yield {
          spec,
          pass,
          open,
          due: needsPlace ? Math.max(open, this.about.placeFrom()) : open,
          isStaged: needsPlace,
        };
      }
    }
  }

  private mostDoubt(): number {
    const now = this.process.now();
    return this.process.connector.resources.reduce((most, spec) => {
      const { doubt } = this.about.facts(spec.name);
      return doubt ? Math.max(most, doubtOf(spec, this.about.facts(spec.name), now)) : most;
    }, 0);
  }

  private paceBeside(spec: ResourceSpec, elsewhere: number): Pace | null {
    const check = checkOf(spec);
    if (check === null) return null;
    const doubt = doubtOf(spec, this.about.facts(spec.name), this.process.now());
    return paceOf(check, { isAnnounced: this.about.isAnnounced(spec.name), doubt, elsewhere });
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
    return this.throttled?.get(`${resource}\0${work}`)?.until ?? 0;
  }

  private openFrom(resource: string, work: WorkClass): number {
    return Math.max(this.about.facts(resource).forbiddenUntil ?? 0, this.throttledUntil(resource, work));
  }
}
