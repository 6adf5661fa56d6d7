import { DueQueue } from '../due-queue.js';
import { Ring } from '../ring.js';
import { Seeded } from '../seeded.js';
import { MINUTE, SECOND } from '../times.js';

/** How webhooks misbehave. Shares are 0–1 and are drawn from the seed for each delivery. */
export interface WebhookRates {
  /** Lost for good. */
  readonly drop: number;
  /** Sent twice. */
  readonly duplicate: number;
  /** The second one comes so much later. */
  readonly duplicateMs: number;
  /** Held back for `lateMs`. */
  readonly late: number;
  readonly lateMs: number;
  /** Held back for up to `reorderMs`, so that later ones overtake. */
  readonly reorder: number;
  readonly reorderMs: number;
  /** Every webhook waits this long after the change. */
  readonly delayMs: number;
}

export const PUNCTUAL: WebhookRates = {
  drop: 0,
  duplicate: 0,
  duplicateMs: 0,
  late: 0,
  lateMs: MINUTE,
  reorder: 0,
  reorderMs: 2 * SECOND,
  delayMs: 0,
};

/** Not published by the vendor: the pause before each of the ten repeats. */
export const RETRY_PAUSES_MS: readonly number[] = [1, 2, 5, 10, 20, 30, 60, 60, 120, 300].map((s) => s * SECOND);

/** 1 = form, 2 = JSON: the vendor's numbers. */
export type HookContentType = 1 | 2;

/** A webhook that is to be posted now. The shell reports its outcome by `id`. */
export interface DueDelivery {
  readonly id: number;
  readonly tenantId: number;
  readonly hookId: number;
  readonly trigger: number;
  readonly recordId: number;
  readonly url: string;
  readonly contentType: string;
  readonly body: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** 2 for the second of a webhook that is sent twice. */
  readonly copy: 1 | 2;
  /** Held back beyond `delayMs`: for `lateMs`, or so that later ones overtake. */
  readonly held: 'no' | 'late' | 'reordered';
}

export interface DeliveryRequest {
  readonly tenantId: number;
  readonly hookId: number;
  readonly trigger: number;
  readonly recordId: number;
  readonly url: string;
  readonly contentType: HookContentType;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** One line of the delivery log: made, dropped, answered, given up. */
export interface DeliveryNote {
  readonly at: number;
  readonly id: number;
  readonly tenantId: number;
  readonly hookId: number;
  readonly trigger: number;
  readonly recordId: number;
  readonly attempt: number;
  readonly copy: DueDelivery['copy'];
  readonly held: DueDelivery['held'];
  readonly outcome: 'queued' | 'dropped' | 'accepted' | 'refused' | 'given-up';
  /** HTTP status; null when there was no answer or none yet. */
  readonly status: number | null;
}

/** What was done to webhooks on purpose: how many were lost, sent a second time, and held back (second ones among them). */
export interface DeliveryTally {
  readonly dropped: number;
  readonly doubled: number;
  readonly late: number;
  readonly reordered: number;
}

/** Notes to look for; what is not given matches all. */
export type DeliveryMatch = {
  readonly [M in 'tenantId' | 'outcome' | 'trigger' | 'recordId']?: DeliveryNote[M] | undefined;
};

/** The vendor's delivery queue: retried on anything but 200, up to ten times, then forgotten. */
export class DeliveryQueue {
  readonly log = new Ring<DeliveryNote>(20_000);
  /** Called when something was queued: the shell's cue to look at `nextAt`. */
  onQueued: () => void = () => {};
  retryPausesMs = RETRY_PAUSES_MS;
  readonly #seed: string;
  readonly #waiting = new DueQueue<DueDelivery>();
  readonly #inFlight = new Map<number, DueDelivery>();
  #nextId = 1;

  constructor(seed: string) {
    this.#seed = seed;
  }

  get nextAt(): number | null {
    return this.#waiting.nextAt;
  }

  /** Waiting or being posted. */
  get unfinished(): number {
    return this.#waiting.size + this.#inFlight.size;
  }

  /** Queues one webhook the way the rates say: twice, late, or at once. False when it was lost. */
  add(request: DeliveryRequest, rates: WebhookRates, now: number, lost: boolean): boolean {
    const random = new Seeded(this.#seed, 'webhook', this.#nextId);
    if (lost || random.chance(rates.drop)) {
      const dropped = dueOf(request, this.#nextId++, { copy: 1, held: 'no' });
      this.#note({ ...dropped, attempt: 0 }, 'dropped', null, now);
      return false;
    }
    const copies = random.chance(rates.duplicate) ? ([1, 2] as const) : ([1] as const);
    for (const copy of copies) {
      const isLate = random.chance(rates.late);
      const isOvertaken = random.chance(rates.reorder);
      const held = isLate ? 'late' : isOvertaken ? 'reordered' : 'no';
      const second = copy === 2 ? rates.duplicateMs : 0;
      const heldMs = (isLate ? rates.lateMs : 0) + (isOvertaken ? random.below(rates.reorderMs) : 0);
      const due = dueOf(request, this.#nextId++, { copy, held });
      this.#waiting.add(due, now + rates.delayMs + second + heldMs);
      this.#note(due, 'queued', null, now);
    }
    this.onQueued();
    return true;
  }

  /** Takes out what is to be posted now. Each must be reported by `report`. */
  take(now: number): DueDelivery[] {
    const due = this.#waiting.take(now);
    for (const delivery of due) this.#inFlight.set(delivery.id, delivery);
    return due;
  }

  /** `status` null: no answer came. Only 200 counts as delivered. */
  report(id: number, status: number | null, now: number): void {
    const delivery = this.#inFlight.get(id);
    if (delivery === undefined) return;
    this.#inFlight.delete(id);
    if (status === 200) {
      this.#note(delivery, 'accepted', status, now);
      return;
    }
    const pause = this.retryPausesMs[delivery.attempt - 1];
    this.#note(delivery, pause === undefined ? 'given-up' : 'refused', status, now);
    if (pause === undefined) return;
    this.#waiting.add({ ...delivery, attempt: delivery.attempt + 1 }, now + pause);
    this.onQueued();
  }

  /** What was written down about a tenant's deliveries, oldest first. */
  notes(match: DeliveryMatch = {}): DeliveryNote[] {
    const wanted = Object.entries(match).filter(([, value]) => value !== undefined) as [keyof DeliveryNote, unknown][];
    return this.log.since().filter((note) => wanted.every(([member, value]) => note[member] === value));
  }

  /** What was done on purpose to the webhooks that match. */
  tally(match: DeliveryMatch = {}): DeliveryTally {
    const made = this.notes({ ...match, outcome: 'queued' });
    return {
      dropped: this.notes({ ...match, outcome: 'dropped' }).length,
      doubled: made.filter(({ copy }) => copy === 2).length,
      late: made.filter(({ held }) => held === 'late').length,
      reordered: made.filter(({ held }) => held === 'reordered').length,
    };
  }

  #note(delivery: DueDelivery, outcome: DeliveryNote['outcome'], status: number | null, at: number): void {
    const { id, tenantId, hookId, trigger, recordId, attempt, copy, held } = delivery;
    this.log.push({ at, id, tenantId, hookId, trigger, recordId, attempt, copy, held, outcome, status });
  }
}

function dueOf(request: DeliveryRequest, id: number, how: Pick<DueDelivery, 'copy' | 'held'>): DueDelivery {
  const { fields, contentType, ...rest } = request;
  const form = contentType === 1;
  return {
    ...rest,
    ...how,
    id,
    attempt: 1,
    contentType: form ? 'application/x-www-form-urlencoded' : 'application/json',
    body: form ? formText(fields) : JSON.stringify(fields),
  };
}

function formText(fields: Readonly<Record<string, string | number>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  return form.toString();
}
