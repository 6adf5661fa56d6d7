import { triggersOf } from '@relay/contracts';
import type { PassSpec, ResourceSpec } from '@relay/sync-engine';
import { catalogueEntry } from './catalogue.js';

export interface Pace {
  readonly reconcileSeconds: number;
  readonly sweepSeconds: number;
  /** False with `PROVET_WEBHOOKS=off`: nothing is announced, all is found by the checks. */
  readonly notices: boolean;
}

/** The catalogue in the engine's words: which passes read a resource, and how often. */
export function resourceSpecs(names: readonly string[], pace: Pace): ResourceSpec[] {
  return names.map((name) => {
    const entry = catalogueEntry(name);
    const hasNotices = pace.notices && triggersOf(name).some((trigger) => trigger.kind === 'changed');
    return {
      name,
      hasDetail: true,
      modifiedMember: entry.modifiedMember,
      volatileMembers: entry.volatileMembers,
      passes: passesOf(pace, hasNotices, entry.modifiedMember !== null),
      hasNotices,
    };
  });
}

/** Where no notice could have come, what a check finds was polled for, not reconciled (contract §7). */
function passesOf(pace: Pace, hasNotices: boolean, canFilter: boolean): PassSpec[] {
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
    everySeconds: pace.reconcileSeconds,
    reads: 'changed',
    cause: hasNotices ? 'reconcile' : 'poll',
    provesAbsence: false,
    firstReading: false,
  };
  const sweep: PassSpec = {
    name: 'sweep',
    everySeconds: pace.sweepSeconds,
    reads: 'everything',
    cause: hasNotices ? 'sweep' : 'poll',
    provesAbsence: true,
    firstReading: false,
  };
  return canFilter ? [backfill, reconcile, sweep] : [backfill, sweep];
}
