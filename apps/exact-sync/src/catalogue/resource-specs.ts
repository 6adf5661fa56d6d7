import type { PassSpec, ResourceSpec } from '@relay/sync-engine';
import { CATALOGUE, type CatalogueEntry } from './catalogue.js';

export interface Pace {
  readonly pollSeconds: number;
  readonly farSeconds: number;
  readonly sweepSeconds: number;
  /** Appointments of the past that windows do not show are read once. */
  readonly hasHistory?: boolean;
}

/** The enabled part of the catalogue in the engine's words. The practice comes first: it is one call. */
export function resourceSpecs(names: readonly string[], pace: Pace): ResourceSpec[] {
  return CATALOGUE.filter((entry) => names.includes(entry.name)).map((entry) => ({
    name: entry.name,
    hasDetail: entry.reads !== 'practice',
    // The details come from the cloud's own copy: they prove nothing about the practice's server.
    answeredByVendor: entry.reads === 'practice',
    modifiedMember: entry.modifiedMember,
    // It names the record, and is one GUID in whatever spelling it comes.
    volatileMembers: entry.reads === 'practice' || entry.reads === 'each' ? [] : ['id'],
    passes: passesOf(entry, pace),
    hasNotices: false,
    ...(entry.placedBy === undefined ? {} : { placedBy: entry.placedBy }),
    ...(entry.reads === 'each' ? { listShows: 'presence' as const } : {}),
  }));
}

function passesOf(entry: CatalogueEntry, pace: Pace): PassSpec[] {
  switch (entry.reads) {
    case 'practice':
      // One record, always in the reading: nothing can be absent from it.
      return [sweep(pace, false)];
    case 'everything':
    case 'each':
      return [sweep(pace, true)];
    case 'window':
      return [
        window('near', pace.pollSeconds),
        window('far', pace.farSeconds),
        ...(pace.hasHistory === true ? [HISTORY] : []),
      ];
    default:
      return entry.reads satisfies never;
  }
}

function sweep(pace: Pace, provesAbsence: boolean): PassSpec {
  return {
    name: 'sweep',
    everySeconds: pace.sweepSeconds,
    reads: 'everything',
    cause: 'sweep',
    provesAbsence,
    firstReading: true,
    steady: true,
  };
}

/** Its records are versions like others, with the cause `backfill`. What is not shown then is not looked for afterwards. */
const HISTORY: PassSpec = {
  name: 'history',
  everySeconds: null,
  reads: 'window',
  cause: 'backfill',
  provesAbsence: false,
  firstReading: false,
};

/** An appointment that a window no longer shows has moved, or is gone: it is asked for by id. */
function window(name: 'near' | 'far', everySeconds: number): PassSpec {
  return { name, everySeconds, reads: 'window', cause: 'poll', provesAbsence: true, firstReading: true, steady: true };
}
