import type { Asked, Evidence, RecordName, VendorState, Violation } from './evidence.js';
import { nameOf } from './evidence.js';
import { undisturbed } from './check-finds.js';
import type { RecordLog } from './log-versions.js';

/**
 * What operators ask: everything is answered; a verify says what the vendor showed between question and answer; a resync has
 * read what it names; a replay has sent every version of the mirror again. That neither publishes a stale state, and that
 * what is sent again is the same under the same id, is checked with the order of the log.
 */
export function checkRequests(evidence: Evidence, log: ReadonlyMap<RecordName, RecordLog>): Violation[] {
  return evidence.asked.flatMap((asked) => {
    const { kind, tenantId, resource, at, answer } = asked;
    const wrong = wrongWith(asked, evidence, log);
    if (wrong === null) return [];
    return [`request: ${kind} of ${tenantId} ${resource} at ${at} (${answer?.outcome ?? answer?.status}) ${wrong}`];
  });
}

function wrongWith(asked: Asked, evidence: Evidence, log: ReadonlyMap<RecordName, RecordLog>): string | null {
  const { kind, answer } = asked;
  if (answer === null || (answer.status !== 'done' && answer.status !== 'refused')) {
    return evidence.mayLoseAnswers ? null : 'was never answered';
  }
  if (answer.status === 'refused') return 'was refused';
  if (kind === 'verify') return wrongVerify(asked, evidence);
  if (kind === 'resync') return wrongResync(asked, evidence);
  return kind === 'replay' ? wrongReplay(asked, evidence, log) : null;
}

function wrongVerify({ tenantId, resource, recordIds, at, answer }: Asked, { history }: Evidence): string | null {
  const name = nameOf(tenantId, resource, recordIds?.[0] ?? '');
  const shown = shownBetween(history.get(name) ?? [], at, answer?.at ?? Infinity);
  const isThere = answer?.outcome === 'same' || answer?.outcome === 'healed';
  if (isThere && shown.every((text) => text === null)) return 'found what the vendor did not have';
  return answer?.outcome === 'not-at-vendor' && !shown.includes(null) ? 'did not find what the vendor had' : null;
}

/** What readers could see between two instants; null: nothing. */
export function shownBetween(states: readonly VendorState[], from: number, to: number): (string | null)[] {
  const texts: (string | null)[] = (states[0]?.visibleAt ?? Infinity) > from ? [null] : [];
  states.forEach(({ visibleAt, text }, index) => {
    const until = states[index + 1]?.visibleAt ?? Infinity;
    if (visibleAt <= to && until >= from) texts.push(text);
  });
  return texts;
}

/** Where the list is all there is, reading one record leaves no trace of its own. */
function wrongResync({ tenantId, resource, recordIds, at, answer }: Asked, evidence: Evidence): string | null {
  const hasDetail = evidence.resources.find(({ name }) => name === resource)?.detail === true;
  if (recordIds === null || !hasDetail) return null;
  const until = answer?.at ?? Infinity;
  // What cannot be read is not waited for.
  if (undisturbed(at, until, evidence) < until - at) return null;
  const unread = recordIds.filter((id) => {
    const name = nameOf(tenantId, resource, id);
    return !evidence.readings.some((reading) => reading.record === name && reading.at >= at && reading.at <= until);
  });
  return unread.length === 0 ? null : `has not read ${unread.join(', ')}`;
}

/** Every record that had been told before is told again, by its newest version of then or a later one. */
function wrongReplay(
  { tenantId, resource, recordIds, at, answer }: Asked,
  { log: messages, restoredAt }: Evidence,
  log: ReadonlyMap<RecordName, RecordLog>,
): string | null {
  if (restoredAt !== null) return null;
  const until = answer?.at ?? Infinity;
  const told = new Set(messages.filter((one) => one.at >= at && one.at <= until).map(({ record }) => record));
  const meant = [...log].filter(([record, { versions }]) => {
    const [ofTenant, ofResource, id = ''] = record.split('\0');
    const isMeant = ofTenant === tenantId && ofResource === resource && (recordIds?.includes(id) ?? true);
    return isMeant && (versions[0]?.committedAt ?? Infinity) < at;
  });
  const left = meant.filter(([record]) => !told.has(record)).map(([record]) => record.split('\0')[2]);
  return left.length === 0 ? null : `has not sent ${left.join(', ')}`;
}
