import type { ResourceFacts } from '../core/model.js';

/** A tenant that has not read a page for this long gives its place to another one. */
const IDLE_MS = 300_000;
/** One that waits looks again after this, should nobody have called it. */
const LOOK_AGAIN_MS = 30_000;

/** A resource that was forbidden before it was ever read, and is not live yet: no page of it is read without a place. */
export function isStaged(facts: ResourceFacts): boolean {
  return facts.staged === true && facts.liveAt === null;
}

/**
 * How many tenants may do first readings of what they were permitted lately. One change of the vendor's permission template
 * permits a resource to all tenants at once: they follow one another, so that everybody else's work does not stand still.
 */
export class ReadingPlaces {
  private readonly holders = new Map<string, number>();
  private readonly waiting = new Map<string, () => void>();

  constructor(
    private readonly most: number,
    private readonly now: () => number,
  ) {}

  /** From when on the tenant may read, as far as can be known now. Looking takes nothing. */
  openFrom(tenantId: string): number {
    const now = this.now();
    return this.isOpenTo(tenantId, now) ? now : now + LOOK_AGAIN_MS;
  }

  /** Takes a place, which the tenant keeps while it works. False: there is none. */
  take(tenantId: string): boolean {
    const now = this.now();
    if (!this.isOpenTo(tenantId, now)) return false;
    this.waiting.delete(tenantId);
    if (this.holders.has(tenantId)) return true;
    this.endIdle(now);
    this.holders.set(tenantId, now);
    return true;
  }

  /** Stands in line: `call` is made once, when a place is given up and it is this tenant's turn. */
  await(tenantId: string, call: () => void): void {
    if (!this.holders.has(tenantId)) this.waiting.set(tenantId, call);
  }

  /** It has read something. */
  worked(tenantId: string): void {
    if (this.holders.has(tenantId)) this.holders.set(tenantId, this.now());
  }

  /** It has nothing to read in turn any more, or may not. */
  leave(tenantId: string): void {
    this.waiting.delete(tenantId);
    if (!this.holders.delete(tenantId)) return;
    const next = this.waiting.entries().next();
    if (next.done === true) return;
    const [waiting, call] = next.value;
    this.waiting.delete(waiting);
    call();
  }

  private isOpenTo(tenantId: string, now: number): boolean {
    if (this.holders.has(tenantId)) return true;
    let taken = 0;
    for (const at of this.holders.values()) if (now - at < IDLE_MS) taken += 1;
    return taken < this.most;
  }

  private endIdle(now: number): void {
    for (const [tenantId, at] of this.holders) if (now - at >= IDLE_MS) this.holders.delete(tenantId);
  }
}
