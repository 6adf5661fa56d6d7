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
    return {
      name,
      hasDetail: true,
      modifiedMember: entry.modifiedMember,
      volatileMembers: entry.volatileMembers,
      passes: passesOf(pace, entry.modifiedMember !== null),
      hasNotices: pace.notices && triggersOf(name).some((trigger) => trigger.kind === 'changed'),
    };
  });
}

function passesOf(pace: Pace, canFilter: boolean): PassSpec[] {
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
    cause: 'reconcile',
    provesAbsence: false,
    firstReading: false,
  };
  const sweep: PassSpec = {
    name: 'sweep',
    everySeconds: pace.sweepSeconds,
    reads: 'everything',
    cause: 'sweep',
    provesAbsence: true,
    firstReading: false,
  };
  return canFilter ? [backfill, reconcile, sweep] : [backfill, sweep];
}
