import type { Evidence, RecordName, Violation } from './evidence.js';
import { show } from './check-tails.js';
import type { RecordLog } from './log-versions.js';

/** Fetches in line, a confirmation, a commit and a send; time for all of them while nothing is wrong. */
const SLACK_MS = 120_000;
/** Passes start up to a tenth late. */
const JITTER = 1.1;

/** Nothing that was accepted is lost, and what nobody announced is found within a period. */
export function checkFinds(evidence: Evidence, log: ReadonlyMap<RecordName, RecordLog>): Violation[] {
  return [...lostNotices(evidence), ...lateFinds(evidence, log)];
}

/** Every notice leads to a reading that began after it. */
function lostNotices({ notices, readings }: Evidence): Violation[] {
  const lastRead = new Map<RecordName, number>();
  for (const { record, at } of readings) lastRead.set(record, Math.max(at, lastRead.get(record) ?? 0));
  return notices
    .filter(({ record, receivedAt }) => (lastRead.get(record) ?? -1) < receivedAt)
    .map(({ record, receivedAt }) => `notice: ${show(record)} was announced at ${receivedAt} and never read after it`);
}

function lateFinds(evidence: Evidence, log: ReadonlyMap<RecordName, RecordLog>): Violation[] {
  const { resources, history, told, restoredAt } = evidence;
  if (restoredAt !== null) return [];
  const found: Violation[] = [];
  for (const [record, states] of history) {
    const [tenantId, resource] = record.split('\0');
    const about = resources.find(({ name }) => name === resource);
    const status = told.find((one) => one.tenantId === tenantId && one.resource === resource);
    if (about === undefined || status === undefined) continue;
    for (const [index, { visibleAt, text }] of states.entries()) {
      if (visibleAt < status.liveSaidAt) continue;
      const until = states[index + 1]?.visibleAt ?? Infinity;
      const shown = log.get(record)?.versions.find(({ state }) => state !== null && state >= index);
      const foundAt = Math.min(shown?.committedAt ?? Infinity, until);
      if (foundAt === Infinity) continue;
      const period = about.delta && text !== null ? evidence.reconcileMs : evidence.sweepMs;
      const most = period * JITTER + evidence.graceMs + SLACK_MS;
      const took = undisturbed(visibleAt, foundAt, evidence);
      if (took > most) {
        found.push(
          `find: ${show(record)} was changed at ${visibleAt} and found ${took} ms of calm later (${most} allowed)`,
        );
      }
    }
  }
  return found;
}

/** How much of a span nothing was wrong. */
export function undisturbed(from: number, to: number, { disturbed }: Evidence): number {
  let calm = 0;
  let at = from;
  for (const span of [...disturbed].sort((a, b) => a.from - b.from)) {
    if (span.to <= at) continue;
    if (span.from >= to) break;
    calm += Math.max(0, span.from - at);
    at = Math.max(at, span.to);
  }
  return calm + Math.max(0, to - at);
}
