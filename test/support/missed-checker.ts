import type { SyncStatusValue } from '@relay/contracts';
import type { DeliveryNote } from '@relay/vendor-twins';
import type { SeenEvent } from './event-log.js';

/** One tenant's records of one kind, each of which was changed at most once while webhooks misbehaved. */
export interface ToldOf {
  /** `client of 7`, for the sentences. */
  readonly name: string;
  /** Ids of the records that were changed. */
  readonly changed: readonly number[];
  /** What the vendor has written down about their webhooks. */
  readonly notes: readonly DeliveryNote[];
  /** What was published for a record since. */
  eventsOf(recordId: number): readonly SeenEvent[];
  readonly counters: SyncStatusValue['counters'];
}

export interface Fates {
  /** No webhook of the change was ever delivered. */
  readonly dropped: readonly number[];
  /** The first that was delivered had been held back for longer than the relay waits. */
  readonly late: readonly number[];
  readonly announced: readonly number[];
  readonly delivered: number;
}

/** What became of the changes' webhooks, by the vendor's own record. */
export function fatesOf({ changed, notes }: Pick<ToldOf, 'changed' | 'notes'>): Fates {
  const delivered = notes.filter(({ outcome }) => outcome === 'accepted');
  const first = new Map<number, DeliveryNote>();
  for (const note of delivered) if (!first.has(note.recordId)) first.set(note.recordId, note);
  const dropped = changed.filter((id) => !first.has(id));
  const late = changed.filter((id) => first.get(id)?.held === 'late');
  const announced = changed.filter((id) => first.has(id) && first.get(id)?.held !== 'late');
  return { dropped, late, announced, delivered: delivered.length };
}

/**
 * Does the relay tell of its webhooks what is true (docs/CONTRACT.md §7)? Each lost one counts as missed and healed, each late
 * one as late, each that brought nothing new as a duplicate; what was found without a webhook is published as found by a
 * check, everything else as announced. Returns sentences; empty = all is as the vendor's record says.
 */
export function checkMissed(told: ToldOf): string[] {
  const fates = fatesOf(told);
  const truth = {
    notices: fates.delivered,
    missed: fates.dropped.length,
    healed: fates.dropped.length,
    late: fates.late.length,
    duplicates: fates.delivered - fates.announced.length,
  };
  const problems: string[] = [];
  for (const [counter, count] of Object.entries(truth)) {
    const counted = told.counters[counter as keyof typeof truth];
    if (counted !== count) problems.push(`${told.name}: ${counter} is ${counted}, true is ${count}`);
  }
  const expected = [
    ...[...fates.dropped, ...fates.late].map((id) => [id, 'reconcile'] as const),
    ...fates.announced.map((id) => [id, 'notice'] as const),
  ];
  for (const [id, cause] of expected) {
    const causes = told.eventsOf(id).map(({ headers }) => headers['ce_cause']);
    if (causes.length !== 1 || causes[0] !== cause) {
      problems.push(`${told.name}: record ${id} was published as ${causes.join(', ') || 'nothing'}, true is ${cause}`);
    }
  }
  return problems;
}
