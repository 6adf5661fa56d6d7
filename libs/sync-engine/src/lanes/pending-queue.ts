import { workClassOfEntry, type PassName, type PendingEntry } from '../core/model.js';
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

/** What is kept while something waits. */
class WaitingRecords {
  readonly places = new Map<string, Place>();
  readonly heaps = new Map<WorkClass, DueHeap<{ key: string; stamp: number }>>();
  /** Counts by resource and pass, of parked and of held ones by resource, and by request. */
  readonly counts = new Map<string, number>();
}

/**
 * Records of one tenant that wait to be fetched, as the lane sees them: a picture of the rows in `pending`. Of most tenants
 * nothing waits at most times: then the queue keeps nothing but itself.
 */
export class PendingQueue {
  private waiting: WaitingRecords | null = null;
  private stamps = 0;

  get size(): number {
    return this.waiting?.places.size ?? 0;
  }

  /** A row as it is now. Rows that were read before this one are ignored. */
  set(entry: PendingEntry): void {
    const key = keyOf(entry);
    const waiting = (this.waiting ??= new WaitingRecords());
    const place = waiting.places.get(key);
    if (place === undefined) {
      const added: Place = { entry, retryAt: entry.nextAttemptAt, tries: 0, taken: false, stamp: 0 };
      waiting.places.set(key, added);
      this.count(waiting, entry, 1);
      this.line(waiting, key, added);
      return;
    }
    if (entry.generation < place.entry.generation) return;
    if (entry.generation > place.entry.generation) place.tries = 0;
    this.count(waiting, place.entry, -1);
    this.count(waiting, entry, 1);
    place.entry = entry;
    place.retryAt = entry.nextAttemptAt;
    if (!place.taken) this.line(waiting, key, place);
  }

  /** When a record that waits was last announced; null: it does not wait, or nobody has announced it. */
  noticedAt(resource: string, recordId: string): number | null {
    return this.get({ resource, recordId })?.lastNoticeAt ?? null;
  }

  /**
   * A record waits because it was announced: its notice is about to be followed. One that cannot be read, or whose deletion
   * waits for a person, is not.
   */
  isAnnounced(resource: string, recordId: string): boolean {
    const entry = this.get({ resource, recordId });
    return entry !== null && entry.lastNoticeAt !== null && !entry.parked && entry.detail.held !== true;
  }

  /** The row has been deleted, unless a newer one is known. */
  remove(entry: PendingEntry): void {
    const { waiting } = this;
    const key = keyOf(entry);
    const place = waiting?.places.get(key);
    if (!waiting || place?.entry.generation !== entry.generation) return;
    this.count(waiting, place.entry, -1);
    waiting.places.delete(key);
    // All that is left in the lines is old.
    if (waiting.places.size === 0) this.waiting = null;
  }

  /** Takes the next due entry of a class. `gate` says from when on an entry may be taken. */
  take(work: WorkClass, now: number, gate: (entry: PendingEntry) => number): PendingEntry | null {
    const { waiting } = this;
    const heap = waiting?.heaps.get(work);
    if (!waiting || heap === undefined) return null;
    for (let item = heap.popDue(now); item !== null; item = heap.popDue(now)) {
      const place = waiting.places.get(item.key);
      if (place === undefined || place.stamp !== item.stamp || place.taken) continue;
      const from = gate(place.entry);
      if (from > now) {
        this.line(waiting, item.key, place, from);
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
    const place = this.waiting?.places.get(key);
    if (!this.waiting || place === undefined || !place.taken) return;
    place.taken = false;
    this.line(this.waiting, key, place);
  }

  /** Puts an entry off without touching its row. Returns how often that has happened in a row. */
  retry(entry: PendingEntry, delayOf: (tries: number) => number, now: number): void {
    const place = this.waiting?.places.get(keyOf(entry));
    if (place === undefined || place.entry.generation !== entry.generation) return;
    place.tries += 1;
    place.retryAt = now + delayOf(place.tries);
  }

  nextDue(): number | null {
    let next: number | null = null;
    for (const { nextAt } of this.waiting?.heaps.values() ?? []) {
      if (nextAt !== null && (next === null || nextAt < next)) next = nextAt;
    }
    return next;
  }

  /** At least how many lines have something due, up to `most`: an estimate from above, cheap. */
  dueCount(now: number, most: number): number {
    let due = 0;
    for (const heap of this.waiting?.heaps.values() ?? []) if ((heap.nextAt ?? Infinity) <= now) due += heap.size;
    return Math.min(most, due);
  }

  parked(resource: string): number {
    return this.counted(resource);
  }

  /** Records of a pass that still have to be read: not those that wait for a notice, a second look or a person. */
  backlog(resource: string, pass: PassName): number {
    return this.waiting === null ? 0 : this.counted(`${resource}\0${pass}`);
  }

  /** The entry of one record. */
  get(record: { readonly resource: string; readonly recordId: string }): PendingEntry | null {
    return this.waiting?.places.get(keyOf(record))?.entry ?? null;
  }

  /** Records of a request that still have to be read. */
  askedBy(requestId: string): number {
    return this.counted(askedKey(requestId));
  }

  /** Deletions of a resource that wait for a person. */
  heldCount(resource: string): number {
    return this.counted(heldKey(resource));
  }

  held(resource: string): PendingEntry[] {
    const entries = [...(this.waiting?.places.values() ?? [])].map(({ entry }) => entry);
    return entries.filter((entry) => entry.resource === resource && entry.detail.held === true);
  }

  private counted(key: string): number {
    return this.waiting?.counts.get(key) ?? 0;
  }

  private count({ counts }: WaitingRecords, entry: PendingEntry, by: number): void {
    const { resource, pass, parked, detail } = entry;
    const waits =
      detail.deferredSince !== undefined ||
      detail.held !== undefined ||
      detail.absentAt !== undefined ||
      detail.olderHash !== undefined;
    const key = parked ? resource : pass !== null && !waits ? `${resource}\0${pass}` : null;
    if (key !== null) add(counts, key, by);
    if (detail.asked !== undefined) add(counts, askedKey(detail.asked.requestId), by);
    if (detail.held === true) add(counts, heldKey(resource), by);
  }

  private line({ heaps }: WaitingRecords, key: string, place: Place, at = place.retryAt): void {
    place.stamp = ++this.stamps;
    const work = workClassOfEntry(place.entry);
    let heap = heaps.get(work);
    if (heap === undefined) heaps.set(work, (heap = new DueHeap()));
    heap.push(at, { key, stamp: place.stamp });
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
