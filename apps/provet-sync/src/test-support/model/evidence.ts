/*
 * What a checker is given of a run: what the vendor held and when, what it has announced, what lies in the log, what the
 * mirror holds in the end. Nothing here comes from a decision of the relay's.
 */

/** `<tenantId>\0<resource>\0<recordId>`. */
export type RecordName = string;

export function nameOf(tenantId: string, resource: string, recordId: string): RecordName {
  return `${tenantId}\0${resource}\0${recordId}`;
}

/** A state of a record at the vendor. */
export interface VendorState {
  /** When it was written; -Infinity: before the run. */
  readonly at: number;
  /** From when on readers could see it. */
  readonly visibleAt: number;
  /** The time of change that it shows; null when it shows none. */
  readonly modifiedAt: number | null;
  /** The vendor's text; null: deleted. */
  readonly text: string | null;
}

export interface AcceptedNotice {
  readonly record: RecordName;
  readonly receivedAt: number;
}

/** The vendor was asked for one record and has answered. */
export interface Reading {
  readonly record: RecordName;
  readonly at: number;
}

/** A message of a record topic, in the order of its partition. */
export interface Published {
  readonly record: RecordName;
  readonly at: number;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Mirrored {
  readonly version: number;
  readonly text: string | null;
}

/** A resource of a tenant as its status topic shows it. */
export interface Told {
  readonly tenantId: string;
  readonly resource: string;
  readonly phase: string;
  readonly counters: Readonly<Record<'notices' | 'duplicates' | 'missed' | 'healed' | 'late' | 'deleted', number>>;
  readonly triggers: Readonly<Record<string, Readonly<Record<'notices' | 'duplicates' | 'late' | 'missed', number>>>>;
  /** When it was first said to be live. */
  readonly liveSaidAt: number;
}

/** What a whole reading has shown beside the mirror, as `completeness.v1` tells it. */
export interface Report {
  readonly tenantId: string;
  readonly resource: string;
  readonly startedAt: number;
  readonly checkedAt: number;
  readonly atVendor: { readonly count: number; readonly digest: string };
  readonly here: { readonly count: number; readonly digest: string };
  readonly unsettled: number;
  readonly missingHere: readonly string[];
  readonly missingThere: readonly string[];
  readonly differing: readonly string[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface WatchedResource {
  readonly name: string;
  /** Notices can announce its changes. */
  readonly announced: boolean;
  /** It can be asked for what has changed since. */
  readonly delta: boolean;
  /** Members that are delivered but not compared. */
  readonly volatile: readonly string[];
}

export interface Evidence {
  readonly resources: readonly WatchedResource[];
  /** Every record there ever was, its states in their order. */
  readonly history: ReadonlyMap<RecordName, readonly VendorState[]>;
  readonly notices: readonly AcceptedNotice[];
  readonly readings: readonly Reading[];
  readonly log: readonly Published[];
  readonly mirror: ReadonlyMap<RecordName, Mirrored>;
  readonly told: readonly Told[];
  /** In the order of the log. */
  readonly reports: readonly Report[];
  /** Since when each tenant's webhooks were set up for good; Infinity: never. By tenant and resource. */
  readonly hookedSince: ReadonlyMap<string, number>;
  /** When something was wrong that may have delayed the relay; each with the time that it may take to settle. */
  readonly disturbed: readonly Span[];
  /** The database was restored: what it knew is gone. */
  readonly restoredAt: number | null;
  readonly graceMs: number;
  readonly reconcileMs: number;
  readonly sweepMs: number;
}

/** One line each; the first words name the rule. */
export type Violation = string;
