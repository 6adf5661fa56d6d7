import { nameOf, type Evidence, type RecordName, type Told, type Violation } from './evidence.js';
import { show } from './check-tails.js';
import type { LogVersion, RecordLog } from './log-versions.js';

/** A notice may be this much older than the change that it announces. */
const TOLERANCE_MS = 60_000;

interface Bounds {
  least: number;
  most: number;
}

/**
 * Contract §7, from the truth: each version that a check has found is called missed when, and only when, it was. The
 * counters are the sums, less those whose notice turned up later. Versions that were never sent leave the sums open.
 */
export function checkMissed(evidence: Evidence, log: ReadonlyMap<RecordName, RecordLog>): Violation[] {
  const found: Violation[] = [];
  const noticesOf = new Map<RecordName, number[]>();
  for (const { record, receivedAt } of evidence.notices) {
    noticesOf.set(record, [...(noticesOf.get(record) ?? []), receivedAt]);
  }
  for (const told of evidence.told) {
    const missed: Bounds = { least: 0, most: 0 };
    const deleted: Bounds = { least: 0, most: 0 };
    for (const [record, of] of log) {
      if (!record.startsWith(`${told.tenantId}\0${told.resource}\0`)) continue;
      const notices = noticesOf.get(record) ?? [];
      for (const version of of.versions) {
        const wrong = judge(version, record, notices, told, evidence);
        if (wrong !== null) found.push(`missed: ${show(record)} version ${version.version} ${wrong}`);
      }
      add(
        missed,
        missedOf(of, notices, (version) => isAsked(version, record, evidence)),
      );
      add(deleted, tombstonesOf(of));
    }
    if (evidence.restoredAt !== null) continue;
    found.push(
      ...compare(told, 'missed', missed),
      ...compare(told, 'healed', missed),
      ...compare(told, 'deleted', deleted),
    );
  }
  return found;
}

function add(to: Bounds, { least, most }: Bounds): void {
  to.least += least;
  to.most += most;
}

function compare(told: Told, counter: 'missed' | 'healed' | 'deleted', { least, most }: Bounds): Violation[] {
  const count = told.counters[counter];
  if (count >= least && count <= most) return [];
  const truth = least === most ? `${least}` : `${least} to ${most}`;
  return [`${counter}: ${told.tenantId} ${told.resource} counts ${count}, true is ${truth}`];
}

const isMissed = ({ cause, content }: LogVersion): boolean =>
  content !== null && (cause === 'reconcile' || cause === 'sweep');

/** An operator has asked for the record: what was found is told at once, and judged later, when its cause is told. */
function isAsked({ committedAt }: LogVersion, record: RecordName, { asked }: Evidence): boolean {
  return asked.some(({ kind, tenantId, resource, recordIds, at, answer }) => {
    const isOf = kind === 'verify' && record === nameOf(tenantId, resource, recordIds?.[0] ?? '');
    return isOf && at <= committedAt && committedAt <= (answer?.at ?? Infinity);
  });
}

/** What is wrong with the cause of a version; null: nothing. */
function judge(
  version: LogVersion,
  record: RecordName,
  notices: readonly number[],
  told: Told,
  evidence: Evidence,
): string | null {
  const { cause, committedAt, noticedAt, state } = version;
  const { graceMs } = evidence;
  if (cause === 'notice') {
    const isKnown = noticedAt !== null && notices.includes(noticedAt) && noticedAt <= committedAt;
    return isKnown ? null : 'is said to be announced, by a notice that was never received';
  }
  const modified = state === null ? null : (evidence.history.get(record)?.[state]?.modifiedAt ?? null);
  if (modified === null) return null;
  const hooked = evidence.hookedSince.get(`${told.tenantId}\0${told.resource}`) ?? Infinity;
  const noticed = (to: number): boolean => notices.some((at) => at >= modified - TOLERANCE_MS && at <= to);
  if (isAsked(version, record, evidence)) return null;
  if (isMissed(version)) {
    if (hooked > committedAt) return 'is called missed, but no webhook was set up';
    if (modified > committedAt - graceMs) return 'is called missed before the grace was over';
    // What was announced before a restore may be forgotten.
    const isForgotten = evidence.restoredAt !== null && modified - TOLERANCE_MS <= evidence.restoredAt;
    if (!isForgotten && noticed(modified + graceMs)) return 'is called missed, but it was announced';
    return null;
  }
  // A restored database may not know any more that it was live, or what had come.
  if (cause !== 'poll' || evidence.restoredAt !== null) return null;
  const about = evidence.resources.find(({ name }) => name === told.resource);
  if (about?.announced !== true || !about.delta) return null;
  const isCertain = modified > told.liveSaidAt && hooked < told.liveSaidAt && modified <= committedAt - graceMs;
  return isCertain && !noticed(committedAt) ? 'is called polled, but it was missed' : null;
}

/** How many of a record's versions were missed in the end. */
function missedOf(
  { versions, gaps }: RecordLog,
  notices: readonly number[],
  isAsked: (version: LogVersion) => boolean,
): Bounds {
  // A version that was not sent may have been missed; one before a tombstone leaves no trace.
  const bounds = { least: 0, most: gaps + versions.filter(({ content }) => content === null).length };
  versions.forEach((version, index) => {
    if (!isMissed(version)) return;
    bounds.most += 1;
    const next = versions[index + 1]?.committedAt ?? Infinity;
    const turnedUp = notices.some((at) => at > version.committedAt && at < next);
    const crossed = notices.some((at) => at <= version.committedAt && at > version.committedAt - 300_000);
    if (!turnedUp && !crossed && !isAsked(version)) bounds.least += 1;
    else if (turnedUp && next === Infinity) bounds.most -= 1;
  });
  return bounds;
}

/** A tombstone that was followed before it was sent leaves a gap. */
function tombstonesOf({ versions, gaps }: RecordLog): Bounds {
  const least = versions.filter(({ content }) => content === null).length;
  return { least, most: least + gaps };
}
