import type { TwinRecord } from './json.js';

interface Stored {
  /** Null: deleted. */
  readonly record: TwinRecord | null;
  readonly modified: number;
  /** Readers see `before` until then: a notification can arrive before its write can be read. */
  readonly visibleAt: number;
  readonly before: { readonly record: TwinRecord | null; readonly modified: number };
}

export interface RecordStoreOptions {
  /** Ids 1 … count exist without being stored. */
  readonly count: number;
  generate(id: number): TwinRecord;
  /** When a generated record was last changed, without generating it. */
  generatedModified(id: number): number;
}

/** The records of one resource of one tenant: generated ones cost nothing until they are changed. */
export class RecordStore {
  readonly #options: RecordStoreOptions;
  readonly #stored = new Map<number, Stored>();
  /** Ids above the generated ones, ascending. */
  readonly #added: number[] = [];
  #nextId: number;

  constructor(options: RecordStoreOptions) {
    this.#options = options;
    this.#nextId = options.count + 1;
  }

  /** An id that no record has had. */
  takeId(): number {
    return this.#nextId++;
  }

  get(id: number, now: number): TwinRecord | null {
    const stored = this.#stored.get(id);
    if (stored !== undefined) return now < stored.visibleAt ? stored.before.record : stored.record;
    return this.#isGenerated(id) ? this.#options.generate(id) : null;
  }

  /** The record as it was written last, visible or not. */
  latest(id: number): TwinRecord | null {
    return this.get(id, Number.POSITIVE_INFINITY);
  }

  /** True for a record that was written at least once. */
  isStored(id: number): boolean {
    return this.#stored.has(id);
  }

  /** When the record as seen at `now` was last changed; null when there is none. */
  modifiedOf(id: number, now: number): number | null {
    const stored = this.#stored.get(id);
    if (stored !== undefined) {
      const seen = now < stored.visibleAt ? stored.before : stored;
      return seen.record === null ? null : seen.modified;
    }
    return this.#isGenerated(id) ? this.#options.generatedModified(id) : null;
  }

  put(id: number, record: TwinRecord, modified: number, visibleAt: number): void {
    if (!this.#isGenerated(id) && !this.#stored.has(id)) this.#noteAdded(id);
    this.#store(id, record, modified, visibleAt);
    this.#nextId = Math.max(this.#nextId, id + 1);
  }

  delete(id: number, at: number, visibleAt: number): void {
    this.#store(id, null, at, visibleAt);
  }

  /** Ids that exist at `now` and are above `after`, ascending. */
  *ids(now: number, after = 0): Generator<number> {
    for (let id = Math.max(1, Math.floor(after) + 1); id <= this.#options.count; id++) {
      if (this.#exists(id, now)) yield id;
    }
    for (const id of this.#added) {
      if (id > after && this.#exists(id, now)) yield id;
    }
  }

  /** The highest id so far; 0 when there was never a record. */
  get lastId(): number {
    return this.#nextId - 1;
  }

  #store(id: number, record: TwinRecord | null, modified: number, visibleAt: number): void {
    const last = this.latest(id);
    const before = { record: last, modified: this.modifiedOf(id, Number.POSITIVE_INFINITY) ?? modified };
    this.#stored.set(id, { record, modified, visibleAt, before });
  }

  #noteAdded(id: number): void {
    let index = this.#added.length;
    while (index > 0 && (this.#added[index - 1] ?? 0) > id) index -= 1;
    this.#added.splice(index, 0, id);
  }

  #exists(id: number, now: number): boolean {
    const stored = this.#stored.get(id);
    if (stored === undefined) return this.#isGenerated(id);
    return (now < stored.visibleAt ? stored.before : stored).record !== null;
  }

  #isGenerated(id: number): boolean {
    return Number.isInteger(id) && id >= 1 && id <= this.#options.count;
  }
}
