import { show } from './check-tails.js';
import type { Evidence, RecordName, Violation } from './evidence.js';
import type { RecordLog } from './log-versions.js';

/** Deletions of a resource of a tenant in an hour that need nobody's approval. */
const QUIET_DELETIONS = 20;
/** The relay counts by minutes. */
const HOUR_MS = 59 * 60_000;

/** More deletions in an hour than are plausible wait for a person: nothing beyond is deleted before one has approved. */
export function checkDeletions(evidence: Evidence, log: ReadonlyMap<RecordName, RecordLog>): Violation[] {
  // Which deletions it has made, a restored database has forgotten.
  if (evidence.restoredAt !== null) return [];
  return evidence.told.flatMap(({ tenantId, resource }) => {
    const approvals = evidence.asked.filter(
      (one) => one.kind === 'release-deletions' && one.tenantId === tenantId && one.resource === resource,
    );
    const approvedAt = Math.min(...approvals.map(({ at }) => at));
    const deletions = [...log]
      .filter(([record]) => record.startsWith(`${tenantId}\0${resource}\0`))
      .flatMap(([record, { versions }]) =>
        versions.filter(({ content }) => content === null).map(({ committedAt }) => ({ record, committedAt })),
      )
      .filter(({ committedAt }) => committedAt < approvedAt)
      .sort((a, b) => a.committedAt - b.committedAt);
    const tooMany = deletions.find(({ committedAt }, at) => {
      const first = deletions[at - QUIET_DELETIONS];
      return first !== undefined && committedAt - first.committedAt < HOUR_MS;
    });
    return tooMany === undefined
      ? []
      : [`deletions: ${show(tooMany.record)} is one too many in an hour, and not approved`];
  });
}
