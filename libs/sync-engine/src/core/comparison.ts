/*
 * What comparing a whole reading with the mirror has shown, in plain values.
 */

/** Count and digest of a set of records, whatever their order. */
export interface Tally {
  readonly count: number;
  /** Sum modulo 2^256 of the SHA-256 of each record's id and time of change; 64 hexadecimal digits. */
  readonly digest: string;
}

/** How many there are, and the first of them by name. */
export interface Named {
  readonly count: number;
  readonly ids: readonly string[];
}

/** What a whole reading has shown so far of the vendor's set and of the mirror's. */
export interface Comparison {
  /** Mirror rows that were read from here on were touched by something else meanwhile. */
  readonly startSeq: string;
  readonly atVendor: Tally;
  readonly here: Tally;
  readonly unsettled: number;
  readonly missingHere: Named;
  readonly missingThere: Named;
  readonly differing: Named;
}

/** A comparison of a reading that was completed. */
export interface CompletenessReport extends Omit<Comparison, 'startSeq'> {
  readonly startedAt: number;
  readonly checkedAt: number;
}
