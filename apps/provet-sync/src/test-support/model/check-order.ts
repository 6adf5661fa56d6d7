import type { Evidence, RecordName, Violation } from './evidence.js';
import { show } from './check-tails.js';
import { contentsOf, volatileOf, type LogVersion, type RecordLog } from './log-versions.js';

/**
 * What a consumer sees that drops versions it has seen: states that the vendor held, in their order, none twice, a deletion
 * only where there was one. What was sent again is the same; the last message of a key is its newest.
 */
export function checkOrder(evidence: Evidence, log: ReadonlyMap<RecordName, RecordLog>): Violation[] {
  const found: Violation[] = [];
  for (const [record, { versions, sent, contradictions }] of log) {
    const say = (what: string): number => found.push(`order: ${show(record)} ${what}`);
    for (const contradiction of contradictions) say(contradiction);
    const newest = versions.at(-1)?.version;
    if (sent.at(-1) !== newest) say(`ends at version ${sent.at(-1)}, the newest is ${newest}`);
    // A database that was restored has forgotten what it has told: consumers are told once more.
    if (evidence.restoredAt === null) {
      checkStates(versions, record, evidence, say);
      checkChain(versions, say);
    } else checkTruths(versions, record, evidence, say);
  }
  return found;
}

type Say = (what: string) => void;

function checkStates(versions: readonly LogVersion[], record: RecordName, evidence: Evidence, say: Say): void {
  const states = evidence.history.get(record) ?? [];
  for (const { state, version, content, committedAt, cause } of versions) {
    if (state === null) {
      const what = content === null ? 'says that it was deleted' : 'shows a state';
      say(`version ${version} (${cause}) ${what} that the vendor did not hold after the one before`);
    } else if ((states[state]?.at ?? 0) > committedAt) say(`version ${version} was committed before it was written`);
  }
}

/** Each version follows the one before: two that follow the same one were made by two owners, or one was never committed. */
function checkChain(versions: readonly LogVersion[], say: Say): void {
  let before: LogVersion | null = null;
  for (const version of versions) {
    const { previousVersion: previous } = version;
    if (version.content !== null && before !== null && previous !== null && previous < before.version) {
      say(`version ${version.version} follows ${previous}, although ${before.version} stands between them`);
    }
    if (version.content !== null && before !== null && previous === null) {
      say(`version ${version.version} says it is the first, after ${before.version}`);
    }
    before = version;
  }
}

/** After a restore: still nothing is invented, and nothing is deleted that never was. */
function checkTruths(versions: readonly LogVersion[], record: RecordName, evidence: Evidence, say: Say): void {
  const contents = contentsOf(record, evidence, volatileOf(record, evidence));
  for (const { version, content, cause } of versions) {
    if (!contents.includes(content)) say(`version ${version} (${cause}) shows a state that the vendor never held`);
  }
}
