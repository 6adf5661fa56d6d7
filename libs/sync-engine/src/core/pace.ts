import type { SyncStatusValue } from '@relay/contracts';
import type { PassSpec, ResourceSpec } from '../ports/connector.js';
import { missedBy, type Effects } from './effects.js';
import type { Doubt, ResourceFacts, Trigger } from './model.js';

/*
 * How often changes are looked for goes by how far notices can be relied on. A resource of which one was missed is looked
 * through twice as often, after several four times as often; the tenant's other resources twice as often then, since what
 * loses one webhook often loses others. Doubt halves with every four usual pauses. Nothing is ever read more rarely than its
 * pass says.
 */

/** In pauses of the pass: a day of the usual quarter of an hour forgets what one hour of losses has taught. */
const HALF_LIFE_PAUSES = 4;
/** A longer history of misses is forgotten as soon as this many. */
const MOST_DOUBT = 4;
/** One that was missed lately. */
const SOME_DOUBT = 0.5;
/** More than one. */
const MUCH_DOUBT = 1.5;
/** Not even a tenant that loses everything is asked more often. */
const LEAST_SECONDS = 1;

export type Pace = NonNullable<SyncStatusValue['pace']>;

/** How much is doubted now: 1 for one just missed, half of it after a half-life. */
export function doubtAt(doubt: Doubt | null | undefined, now: number, halfLifeMs: number): number {
  if (!doubt) return 0;
  return doubt.weight * 2 ** (-Math.max(0, now - doubt.at) / halfLifeMs);
}

/** One more was missed, or (-1) one turned out to be late. */
export function doubted(doubt: Doubt | null | undefined, by: 1 | -1, now: number, halfLifeMs: number): Doubt {
  const weight = doubtAt(doubt, now, halfLifeMs) + by;
  return { weight: Math.min(MOST_DOUBT, Math.max(0, weight)), at: now };
}

/** The pass that looks for changes; null: only whole readings find them. */
export function checkOf(spec: Pick<ResourceSpec, 'passes'>): PassSpec | null {
  return spec.passes.find(({ reads, everySeconds }) => reads === 'changed' && everySeconds !== null) ?? null;
}

/** How much a resource's notices are doubted now. */
export function doubtOf(spec: Pick<ResourceSpec, 'passes'>, facts: ResourceFacts, now: number): number {
  const check = checkOf(spec);
  return check === null ? 0 : doubtAt(facts.doubt, now, halfLifeOf(check));
}

/** Counts one that was missed, or (-1) takes one back, and has its resource doubted by it. */
export function countMissed(
  effects: Effects,
  by: 1 | -1,
  trigger: Trigger | null,
  known: ResourceFacts,
  { spec, now }: { readonly spec: Pick<ResourceSpec, 'passes'>; readonly now: number },
): void {
  effects.counted.push(...missedBy(by, trigger));
  const check = checkOf(spec);
  if (check === null) return;
  const facts = effects.facts ?? known;
  effects.facts = { ...facts, doubt: doubted(facts.doubt, by, now, halfLifeOf(check)) };
}

export interface PaceQuestion {
  /** Notices of its changes are set up, or have come. */
  readonly isAnnounced: boolean;
  /** How much its own notices are doubted, and those of the tenant's most doubted resource. */
  readonly doubt: number;
  readonly elsewhere: number;
}

/** How often the pass that looks for changes is to be started, and why. */
export function paceOf(check: PassSpec, { isAnnounced, doubt, elsewhere }: PaceQuestion): Pace {
  const usual = check.everySeconds ?? 0;
  if (!isAnnounced) return { everySeconds: check.everySecondsUnannounced ?? usual, reason: 'no-notices' };
  const oftener = (times: number): number => Math.min(usual, Math.max(LEAST_SECONDS, usual / times));
  if (doubt >= MUCH_DOUBT) return { everySeconds: oftener(4), reason: 'notices-missed' };
  if (doubt >= SOME_DOUBT) return { everySeconds: oftener(2), reason: 'notices-missed' };
  if (elsewhere >= MUCH_DOUBT) return { everySeconds: oftener(2), reason: 'missed-elsewhere' };
  return { everySeconds: usual, reason: 'usual' };
}

function halfLifeOf({ everySeconds }: PassSpec): number {
  return HALF_LIFE_PAUSES * (everySeconds ?? LEAST_SECONDS) * 1000;
}
