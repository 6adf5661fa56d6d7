import type { PassSpec, ResourceSpec } from '@relay/sync-engine';
import { catalogueEntry } from './catalogue.js';
import { announcedBy, changeTriggersOf, type PaceClass } from './entry.js';
import { familiesOf, wholeReader } from './families.js';
import { mergeReading } from './merge-reading.js';
import { partsOf } from './parts-of.js';

export interface Pace {
  readonly reconcileSeconds: number;
  /** The same where no webhook announces changes. Absent: the same pause. */
  readonly reconcileSecondsWithoutWebhooks?: number;
  readonly sweepSeconds: number;
  /** False with `PROVET_WEBHOOKS=off`: nothing is announced, all is found by the checks. */
  readonly notices: boolean;
}

/**
 * What a pace class makes of the operator's two paces. Where changes can be filtered, the reconcile finds them and the sweep
 * only deletions. Where they cannot, the sweep is all there is: it comes more often than once a day, in multiples of the
 * reconcile's pace, and never more rarely than the sweep's own. At the defaults: 1, 6, 24 hours, a week.
 */
const PACES: Readonly<Record<PaceClass, { reconcile: number; sweep: number; sweepAlone: number }>> = {
  fast: { reconcile: 1 / 3, sweep: 1, sweepAlone: 4 },
  ordinary: { reconcile: 1, sweep: 1, sweepAlone: 24 },
  slow: { reconcile: 4, sweep: 1, sweepAlone: 96 },
  rare: { reconcile: 24, sweep: 7, sweepAlone: 672 },
};

/** Pauses between the passes of a resource, in seconds. */
export function pausesOf(pace: PaceClass, canFilter: boolean, { reconcileSeconds, sweepSeconds }: Pace) {
  const factors = PACES[pace];
  const sweep = factors.sweep * sweepSeconds;
  return {
    reconcile: Math.max(1, Math.round(factors.reconcile * reconcileSeconds)),
    sweep: canFilter ? sweep : Math.min(sweep, factors.sweepAlone * reconcileSeconds),
  };
}

/** The catalogue in the engine's words: which passes read a resource, and how often. */
export function resourceSpecs(names: readonly string[], pace: Pace): ResourceSpec[] {
  return names.map((name) => {
    const entry = catalogueEntry(name);
    const hasNotices = pace.notices && changeTriggersOf(name).length > 0;
    const canFilter = entry.modifiedMember !== null;
    const parts = partsOf(name, names);
    const families = familiesOf(name, names);
    const wholeOf = wholeReader(name);
    const merges = mergeReading(name);
    const { reconcileSeconds, reconcileSecondsWithoutWebhooks: without = reconcileSeconds } = pace;
    const hurried = { ...pace, reconcileSeconds: Math.min(without, reconcileSeconds) };
    const unannounced = pausesOf(entry.pace, canFilter, hurried).reconcile;
    return {
      name,
      hasDetail: entry.hasDetail,
      modifiedMember: entry.modifiedMember,
      volatileMembers: entry.volatileMembers,
      passes: passesOf({ ...pausesOf(entry.pace, canFilter, pace), unannounced }, hasNotices, canFilter),
      hasNotices,
      ...(hasNotices ? { announcedBy: announcedBy(name) } : {}),
      ...(parts === undefined ? {} : { partsOf: parts }),
      ...(families === undefined ? {} : { families }),
      ...(wholeOf === undefined ? {} : { wholeOf }),
      ...(merges === undefined ? {} : { merges }),
    };
  });
}

/** Where no notice could have come, what a check finds was polled for, not reconciled (contract §7). */
function passesOf(
  pauses: { readonly reconcile: number; readonly unannounced: number; readonly sweep: number },
  hasNotices: boolean,
  canFilter: boolean,
): PassSpec[] {
  const backfill: PassSpec = {
    name: 'backfill',
    everySeconds: null,
    reads: 'everything',
    cause: 'backfill',
    provesAbsence: false,
    firstReading: true,
  };
  const reconcile: PassSpec = {
    name: 'reconcile',
    everySeconds: pauses.reconcile,
    ...(hasNotices ? { everySecondsUnannounced: pauses.unannounced } : {}),
    reads: 'changed',
    cause: hasNotices ? 'reconcile' : 'poll',
    provesAbsence: false,
    firstReading: false,
  };
  const sweep: PassSpec = {
    name: 'sweep',
    everySeconds: pauses.sweep,
    reads: 'everything',
    cause: hasNotices ? 'sweep' : 'poll',
    provesAbsence: true,
    firstReading: false,
  };
  return canFilter ? [backfill, reconcile, sweep] : [backfill, sweep];
}
