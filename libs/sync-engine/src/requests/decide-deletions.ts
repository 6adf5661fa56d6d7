import { noEffects, type Effects } from '../core/effects.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { Answer, Question } from './question.js';

/**
 * A person has decided about deletions that were too many at once. Released: each is confirmed at the vendor once more, and
 * then made. Dropped: the records stay, and what the next sweep finds absent is judged anew.
 */
export async function decideDeletions({ request, shard, isEnabled }: Question, { now }: LaneProcess): Promise<Answer> {
  const { tenantId, resource } = request;
  const lane = shard.lanes.get(tenantId);
  if (resource === null || !isEnabled(resource)) return { status: 'refused', code: 'not-enabled' };
  if (lane === undefined) return { status: 'refused', code: 'tenant-not-served' };
  const entries = lane.queue.held(resource);
  const isReleased = request.kind === 'release-deletions';
  const committed = await shard.submit({
    tenantId,
    resource,
    refs: [],
    wantsBody: () => false,
    decide: (view): Effects => {
      const effects = noEffects();
      effects.facts = { ...view.facts(tenantId, resource), heldAt: null };
      for (const entry of entries) {
        const { held: _held, ...detail } = entry.detail;
        if (!isReleased) effects.served.push({ entry });
        else effects.delayed.push({ entry, nextAttemptAt: now(), detail: { ...detail, released: true } });
      }
      return effects;
    },
  });
  lane.settle(committed);
  shard.touched(tenantId, resource);
  lane.wake();
  return { status: 'done', progress: { asked: entries.length, waiting: isReleased ? entries.length : 0 } };
}
