import type { PassSpec } from '../ports/connector.js';
import type { MirrorRow, PassCursor, PassName, ResourceFacts, Reread } from './model.js';

const BEFORE_EVERY_READING = '0';

/** A resource's facts once everything of it is to be read again. What was learnt about its forms may no longer be true. */
export function rereadWished(facts: ResourceFacts, wish: Reread): ResourceFacts {
  return {
    ...facts,
    reread: wish,
    listForm: 'learning',
    listSamples: 0,
    listLearntAt: null,
    forbiddenUntil: null,
    forbiddenReason: null,
  };
}

/**
 * What becomes of the facts when the connector says what answers depend on now. The first time there is nothing to compare
 * with: what was read before was read under the same, as far as anybody knows.
 */
export function basisTaken(facts: ResourceFacts, basis: string, wish: Reread): ResourceFacts {
  const allowed = facts.forbiddenReason === null ? facts : regained(facts, wish);
  if (facts.basis === basis) return allowed;
  return { ...(facts.basis === null ? allowed : rereadWished(facts, wish)), basis };
}

/**
 * Whatever was missing is there again. What was missed meanwhile is looked for at once; a list row that is as it was proves as
 * much as ever.
 */
function regained(facts: ResourceFacts, { at }: Reread): ResourceFacts {
  const after =
    facts.liveAt === null ? { staged: true } : { reread: { at, seq: facts.reread?.seq ?? BEFORE_EVERY_READING } };
  return { ...facts, ...after, forbiddenUntil: null, forbiddenReason: null };
}

/** True: a run of this pass that is under way, or was the last one, came too early for the wish. */
export function mustStartAgain(pass: PassSpec, cursor: PassCursor, { reread }: ResourceFacts): boolean {
  return reread !== null && pass.firstReading && (cursor.startedAt ?? 0) < reread.at;
}

/** True: this record was read before everything was to be read again, so an equal list row proves nothing. */
export function isReadTooEarly(row: Pick<MirrorRow, 'readSeq'>, { reread }: ResourceFacts): boolean {
  return reread !== null && row.readSeq < BigInt(reread.seq);
}

/** Every reading that counts as a first one has been completed by a run that came after the wish. */
export function isFulfilled(
  facts: ResourceFacts,
  passes: readonly PassSpec[],
  cursorOf: (pass: PassName) => PassCursor,
): boolean {
  return passes.every((pass) => {
    const cursor = cursorOf(pass.name);
    return (
      !pass.firstReading || (!cursor.running && cursor.completedAt !== null && !mustStartAgain(pass, cursor, facts))
    );
  });
}
