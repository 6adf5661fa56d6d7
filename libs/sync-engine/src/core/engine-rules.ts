/** The engine's own periods. Fixed by the contract and the design; tests shorten them. */
export interface EngineRules {
  /** A difference younger than this is not called missed yet. */
  readonly graceMs: number;
  /** Added below a watermark: late commits at the vendor. */
  readonly overlapMs: number;
  /** An answer older than the mirror is fetched again after this. */
  readonly olderAnswerMs: number;
  /** A notice that is this much younger than the record it leads to may have come before the change was visible. */
  readonly visibilityGapMs: number;
  /** When such a record is looked at again. */
  readonly visibilityLooksMs: readonly number[];
  /** Between two 404 of one record. */
  readonly absenceRecheckMs: number;
  /** How long a list's 200 proves that the tenant is there. */
  readonly listValidMs: number;
  /** A forbidden resource is asked for again after this. */
  readonly forbiddenProbeMs: number;
  /** After a preparation: changes without a notice are no reason for another one this soon. */
  readonly doubtPauseMs: number;
  /** How many tenants at once do first readings of what they were permitted lately. */
  readonly newlyPermittedAtOnce: number;
  /** How often a record is tried before it is parked. */
  readonly attemptsBeforeParked: number;
  /** When a parked one is tried again; each further pause is twice as long, up to the longest. */
  readonly parkedRetryMs: number;
  readonly parkedRetryMostMs: number;
  /** Without a usable token. */
  readonly tokenRetryMs: number;
  /** While the practice's consent is in doubt. */
  readonly consentRetryMs: number;
  readonly tenantProbeMs: number;
  readonly listSamples: number;
  readonly relearnMs: number;
  /** Records of a pass that may wait before its next page is read. */
  readonly passBacklog: number;
  /** How often the records of what windows have to leave out are asked for one by one. */
  readonly followLeftOutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly slowCallMs: number;
  readonly probeTimeoutMs: number;
  readonly unknownTenantKeepMs: number;
  readonly statusDirtyMs: number;
  readonly statusQuietMs: number;
  /** How long a withdrawn tenant's webhooks may take to be removed: its token lives no longer than that. */
  readonly departureMs: number;
  /** How often purges and markers are looked after. */
  readonly purgeTickMs: number;
  /** How often operators' requests are taken a step further, and how many records a step is at most: their pace. */
  readonly requestTickMs: number;
  readonly requestPage: number;
  /** After a purge: when markers are written into the partitions that it has touched. */
  readonly purgeMarkersMs: readonly number[];
}

export const ENGINE_RULES: EngineRules = {
  graceMs: 60_000,
  overlapMs: 120_000,
  olderAnswerMs: 60_000,
  visibilityGapMs: 60_000,
  visibilityLooksMs: [5_000, 60_000],
  absenceRecheckMs: 5_000,
  listValidMs: 60_000,
  forbiddenProbeMs: 900_000,
  doubtPauseMs: 600_000,
  newlyPermittedAtOnce: 5,
  attemptsBeforeParked: 5,
  parkedRetryMs: 900_000,
  parkedRetryMostMs: 86_400_000,
  tokenRetryMs: 60_000,
  consentRetryMs: 60_000,
  tenantProbeMs: 900_000,
  listSamples: 20,
  relearnMs: 86_400_000,
  passBacklog: 50,
  followLeftOutMs: 900_000,
  backoffMinMs: 1_000,
  backoffMaxMs: 900_000,
  slowCallMs: 2_000,
  probeTimeoutMs: 5_000,
  unknownTenantKeepMs: 30 * 86_400_000,
  statusDirtyMs: 3_000,
  statusQuietMs: 300_000,
  departureMs: 60_000,
  purgeTickMs: 1_000,
  requestTickMs: 250,
  requestPage: 100,
  purgeMarkersMs: [86_400_000, 172_800_000],
};
