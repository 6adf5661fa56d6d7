import type { Life } from '../lifecycle/life.js';

/** A practice of the environment as it is known before the listing. */
export interface KnownPractice {
  readonly tenantId: string;
  readonly practiceId: string;
  readonly life: Pick<Life, 'state' | 'facts'>;
}

export type ListingVerdict =
  | {
      readonly kind: 'normal';
      /** Practice ids that were never seen before. */
      readonly joined: readonly string[];
      /** Known practices that the listing names, whatever their state. */
      readonly named: readonly KnownPractice[];
      /** Practices that the listing does not name, and that do not know it yet or are here. */
      readonly missing: readonly KnownPractice[];
    }
  | {
      /** So much is missing at once that a fault is likelier than that many goodbyes: nobody changes state. */
      readonly kind: 'mass-loss';
      readonly lost: readonly KnownPractice[];
      readonly limit: number;
    };

/** So many may leave in one listing before a person is asked: two, or a tenth of the active ones (contract §4). */
export function lossLimit(activePractices: number): number {
  return Math.max(2, activePractices / 10);
}

/** Compares a whole listing of active subscriptions with the practices that are known. */
export function compareListing(known: readonly KnownPractice[], practiceIds: readonly string[]): ListingVerdict {
  const listed = new Set(practiceIds);
  const knownIds = new Set(known.map((one) => one.practiceId));
  const missing = known.filter((one) => !listed.has(one.practiceId) && (isHere(one) || one.life.facts.stillListed));
  const newlyMissing = missing.filter((one) => isHere(one) && !one.life.facts.missing);
  const limit = lossLimit(known.filter((one) => one.life.state === 'active').length);
  // An empty list is believed only about practices whose loss was already seen, or approved, before.
  const everyoneGone = listed.size === 0 && newlyMissing.length > 0;
  if (everyoneGone || newlyMissing.length > limit) return { kind: 'mass-loss', lost: newlyMissing, limit };
  return {
    kind: 'normal',
    joined: [...listed].filter((practiceId) => !knownIds.has(practiceId)),
    named: known.filter((one) => listed.has(one.practiceId)),
    missing,
  };
}

function isHere(one: KnownPractice): boolean {
  return one.life.facts.presence === 'here';
}
