import { workClassOfEntry, type PassName, type PendingEntry } from '../core/model.js';
import { WORK_CLASSES } from '../core/work-shares.js';
import type { WorkClass } from '../ports/connector.js';
import { DueHeap } from './due-heap.js';

interface Place {
  entry: PendingEntry;
  /** Due again by memory alone: an outage moves thousands of entries, none of which needs a row written. */
  retryAt: number;
  tries: number;
  taken: boolean;
  /** Marks the newest heap item of this entry; older ones are skipped. */
  stamp: number;
}

const keyOf = (entry: { readonly resource: string; readonly recordId: string }): string =>
  `${entry.resource}\0${entry.recordId}`;

const askedKey = (requestId: string): string => `asked\0${requestId}\0`;
const heldKey = (resource: string): string => `held\0${resource}\0`;

/** Records of one tenant that wait to be fetched, as the lane sees them: a picture of the rows in `pending`. */
export class PendingQueue {
  private readonly places = new Map<string, Place>();
  private readonly heaps: Record<WorkClass, DueHeap<{ key: string; stamp: number }>> = {
    live: new DueHeap(),
    command: new DueHeap(),
    reconcile: new DueHeap(),
    backfill: new DueHeap(),
    sweep: new DueHeap(),
  };
  /** Counts by resource and pass, of parked and of held ones by resource, and by request. */
  private readonly counts = new Map<string, number>();
  private stamps = 0;

  get size(): number {
    return this.places.size;
  }

  /** A row as it is now. Rows that were read before this one are ignored. */
  set(entry: PendingEntry): void {
    const key = keyOf(entry);
    const place = this.places.get(key);
    if (place === undefined) {
      const added: Place = { entry, retryAt: entry.nextAttemptAt, tries: 0, taken: false, stamp: 0 };
      this.places.set(key, added);
      this.count(entry, 1);
      this.line(key, added);
      return;
    }
    if (entry.generation < place.entry.generation) return;
    if (entry.generation > place.entry.generation) place.tries = 0;
    this.count(place.entry, -1);
    this.count(entry, 1);
    place.entry = entry;
    place.retryAt = entry.nextAttemptAt;
    if (!place.taken) this.line(key, place);
  }

  /** When a record that waits was last announced; null: it does not wait, or nobody has announced it. */
  noticedAt(resource: string, recordId: string): number | null {
    return this.places.get(keyOf({ resource, recordId }))?.entry.lastNoticeAt ?? null;
  }

  /**
   * A record waits because it was announced: its notice is about to be followed. One that cannot be read, or whose deletion
   * waits for a person, is not.
   */
  isAnnounced(resource: string, recordId: string): boolean {
    const entry = this.places.get(keyOf({ resource, recordId }))?.entry;
    return entry !== undefined && entry.lastNoticeAt !== null && !entry.parked && entry.detail.held !== true;
  }

  /** The row has been deleted, unless a newer one is known. */
  remove(entry: PendingEntry): void {
    const key = keyOf(entry);
    const place = this.places.get(key);
    if (place?.entry.generation !== entry.generation) return;
    this.count(place.entry, -1);
    this.places.delete(key);
  }

  /** Takes the next due entry of a class. `gate` says from when on an entry may be taken. */
  take(work: WorkClass, now: number, gate: (entry: PendingEntry) => number): PendingEntry | null {
    const heap = this.heaps[work];
    for (let item = heap.popDue(now); item !== null; item = heap.popDue(now)) {
      const place = this.places.get(item.key);
      if (place === undefined || place.stamp !== item.stamp || place.taken) continue;
      const from = gate(place.entry);
      if (from > now) {
        this.line(item.key, place, from);
        continue;
      }
      place.taken = true;
      return place.entry;
    }
    return null;
  }

  /** Work on an entry has ended; what is left of it stands in line again. */
  done(entry: PendingEntry): void {
    const key = keyOf(entry);
    const place = this.places.get(key);
    if (place === undefined || !place.taken) return;
    place.taken = false;
    this.line(key, place);
  }

  /** Puts an entry off without touching its row. Returns how often that has happened in a row. */
  retry(entry: PendingEntry, delayOf: (tries: number) => number, now: number): void {
    const place = this.places.get(keyOf(entry));
    if (place === undefined || place.entry.generation !== entry.generation) return;
    place.tries += 1;
    place.retryAt = now + delayOf(place.tries);
  }

  nextDue(): number | null {
    const dues = WORK_CLASSES.map((work) => this.heaps[work].nextAt).filter((at) => at !== null);
    return dues.length === 0 ? null : Math.min(...dues);
  }

  /** At least how many lines have something due, up to `most`: an estimate from above, cheap. */
  dueCount(now: number, most: number): number {
    const due = WORK_CLASSES.filter((work) => (this.heaps[work].nextAt ?? Infinity) <= now);
    return Math.min(
      most,
      due.reduce((sum, work) => sum + this.heaps[work].size, 0),
    );
  }

  parked(resource: string): number {
    return this.counts.get(resource) ?? 0;
  }

  /** Records of a pass that still have to be read: not those that wait for a notice, a second look or a person. */
  backlog(resource: string, pass: PassName): number {
    return this.counts.get(`${resource}\0${pass}`) ?? 0;
  }

  /** The entry of one record. */
  get(record: { readonly resource: string; readonly recordId: string }): PendingEntry | null {
    return this.places.get(keyOf(record))?.entry ?? null;
  }

  /** Records of a request that still have to be read. */
  askedBy(requestId: string): number {
    return this.counts.get(askedKey(requestId)) ?? 0;
  }

  /** Deletions of a resource that wait for a person. */
  heldCount(resource: string): number {
    return this.counts.get(heldKey(resource)) ?? 0;
  }

  held(resource: string): PendingEntry[] {
    const entries = [...this.places.values()].map(({ entry }) => entry);
    return entries.filter((entry) => entry.resource === resource && entry.detail.held === true);
  }

  private count(entry: PendingEntry, by: number): void {
    const { resource, pass, parked, detail } = entry;
    const waits =
      detail.deferredSince !== undefined ||
      detail.held !== undefined ||
      detail.absentAt !== undefined ||
      detail.olderHash !== undefined;
    const key = parked ? resource : pass !== null && !waits ? `${resource}\0${pass}` : null;
    if (key !== null) this.add(key, by);
    if (detail.asked !== undefined) this.add(askedKey(detail.asked.requestId), by);
    if (detail.held === true) this.add(heldKey(resource), by);
  }

  private add(key: string, by: number): void {
    const count = (this.counts.get(key) ?? 0) + by;
    if (count === 0) this.counts.delete(key);
    else this.counts.set(key, count);
  }

  private line(key: string, place: Place, at = place.retryAt): void {
    place.stamp = ++this.stamps;
    this.heaps[workClassOfEntry(place.entry)].push(at, { key, stamp: place.stamp });
  }
}
