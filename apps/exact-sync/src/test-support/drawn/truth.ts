import type { ExactKind, TwinRecord } from '@relay/vendor-twins';
import type { ExactModel } from '../exact-model.js';
import { KINDS } from './plan.js';

/** What the vendor held of a record, state by state. */
export interface Held {
  readonly at: number;
  /** In one spelling, without the id; null: it was not there. */
  readonly text: string | null;
  /** When an appointment starts; null: it is none, or not there. */
  readonly startsAt: number | null;
}

/** `<practice>\0<kind>\0<record id>`. */
export type Name = string;

/** The vendor's side of a run, noted from its twin after each write. */
export class Truth {
  readonly states = new Map<Name, Held[]>();
  private seen = 0;

  constructor(private readonly model: ExactModel) {
    for (const { id } of model.twin.practices.values()) {
      for (const kind of KINDS) {
        for (const record of model.twin.records(id, kind)) this.note(id, kind, record['id'] as string, -Infinity);
      }
    }
  }

  /** Notes what was written since the last call. */
  take(): void {
    const { changes } = this.model.twin;
    for (const { at, practiceId, kind, recordId } of changes.since(this.seen)) this.note(practiceId, kind, recordId, at);
    this.seen = changes.total;
  }

  private note(practice: string, kind: ExactKind, recordId: string, at: number): void {
    const record = this.model.twin.record(practice, kind, recordId);
    const name = `${practice}\0${kind}\0${recordId.toLowerCase()}`;
    const startsAt = typeof record?.['startDate'] === 'string' ? Date.parse(record['startDate']) : null;
    const held = { at, text: record === null ? null : spelt(record), startsAt };
    const states = this.states.get(name);
    if (states === undefined) this.states.set(name, [held]);
    else states.push(held);
  }
}

/** A record in one spelling, without its id: lists may spell that otherwise. */
export function spelt({ id: _id, ...record }: TwinRecord | Record<string, unknown>): string {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, member]) => [name, sorted(member)]),
        )
      : Array.isArray(value)
        ? value.map(sorted)
        : value;
  return JSON.stringify(sorted(record));
}
