import { memberText, type TwinRecord } from '../json.js';
import { Seeded } from '../seeded.js';
import { DAY, HOUR, MINUTE, stamp } from '../times.js';
import { LAST_NAMES } from '../words.js';
import { writeObject, type ExactChange, type ExactWorld } from './changes.js';
import type { ExactPractice } from './practice.js';
import type { AppointmentStatus } from './records.js';

const NEXT: Partial<Record<AppointmentStatus, AppointmentStatus>> = {
  Unset: 'Pending',
  Pending: 'Confirmed',
  Confirmed: 'Arrived',
  Arrived: 'InSurgery',
  InSurgery: 'Completed',
};

/** A day at the practices: appointments are confirmed, kept, moved and called off. One step is one change. */
export class ExactLife {
  readonly #world: ExactWorld;
  readonly #practices: ReadonlyMap<string, ExactPractice>;
  #steps = 0;

  constructor(world: ExactWorld, practices: ReadonlyMap<string, ExactPractice>) {
    this.#world = world;
    this.#practices = practices;
  }

  /** The change it made; null when there is no practice to live in. */
  step(): ExactChange | null {
    const random = new Seeded(this.#world.seed, 'exact-life', this.#steps++);
    const practices = [...this.#practices.values()].filter(
      ({ subscribed, state }) => subscribed && state.mode === 'online',
    );
    if (practices.length === 0) return null;
    const practice = random.pick(practices);
    const before = this.#world.changes.total;
    if (random.chance(0.1)) this.#renamePatient(practice, random);
    else if (random.chance(0.15)) this.#book(practice, random);
    else this.#progress(practice, random);
    return this.#world.changes.since(before).at(-1) ?? null;
  }

  #progress(practice: ExactPractice, random: Seeded): void {
    const record = this.#openAppointment(practice, random);
    if (record === null) return this.#book(practice, random);
    const status = record['status'] as AppointmentStatus;
    if (random.chance(0.15)) {
      return this.#write(practice, record, { status: 'Cancelled', cancellationDate: this.#now() });
    }
    if (random.chance(0.25)) return this.#write(practice, record, this.#times(random, random.between(0, 6)));
    const next = NEXT[status] ?? 'Confirmed';
    this.#write(practice, record, {
      status: next,
      ...(next === 'Arrived' ? { arrivalDate: this.#now() } : {}),
      ...(next === 'Completed' ? { completionDate: this.#now(), actualDurationMinutes: 25 } : {}),
    });
  }

  #book(practice: ExactPractice, random: Seeded): void {
    const fields = {
      ...this.#times(random, random.between(0, 10)),
      status: 'Pending',
      isFirstVisit: random.chance(0.2),
    };
    const cleared = { arrivalDate: null, completionDate: null, cancellationDate: null, actualDurationMinutes: null };
    writeObject(this.#world, practice, 'appointment', null, { ...fields, ...cleared });
  }

  #renamePatient(practice: ExactPractice, random: Seeded): void {
    const ids = [...practice.store('patient').ids(Infinity)];
    if (ids.length === 0) return this.#book(practice, random);
    const record = practice.store('patient').latest(random.pick(ids));
    writeObject(this.#world, practice, 'patient', memberText(record, 'id'), { lastName: random.pick(LAST_NAMES) });
  }

  /** An appointment between yesterday and in three days that is not over: what a poll of the near window sees soon. */
  #openAppointment(practice: ExactPractice, random: Seeded): TwinRecord | null {
    const now = this.#world.clock();
    const near: TwinRecord[] = [];
    for (const index of practice.store('appointment').ids(Infinity)) {
      const start = practice.startOf(index);
      if (start < now - DAY || start > now + 3 * DAY) continue;
      const record = practice.store('appointment').latest(index);
      if (record !== null && Object.hasOwn(NEXT, memberText(record, 'status'))) near.push(record);
    }
    return near.length === 0 ? null : random.pick(near);
  }

  #times(random: Seeded, daysAhead: number): TwinRecord {
    const today = Math.floor(this.#world.clock() / DAY) * DAY;
    const start = today + daysAhead * DAY + 8 * HOUR + random.below(36) * 15 * MINUTE;
    const minutes = random.pick([10, 20, 30, 45]);
    return {
      startDate: stamp(start, null),
      endDate: stamp(start + minutes * MINUTE, null),
      scheduledDurationMinutes: minutes,
      chairDurationMinutes: minutes,
    };
  }

  #write(practice: ExactPractice, record: TwinRecord, fields: TwinRecord): void {
    writeObject(this.#world, practice, 'appointment', memberText(record, 'id'), fields);
  }

  #now(): string {
    return stamp(this.#world.clock(), null);
  }
}
