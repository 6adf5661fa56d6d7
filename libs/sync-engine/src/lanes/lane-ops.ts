import { noEffects, type Delayed, type Effects } from '../core/effects.js';
import type { PassCursor, PendingEntry, ResourceFacts } from '../core/model.js';
import type { CommitOp } from '../shards/committer.js';

const nothing = { refs: [], wantsBody: () => false } as const;

/** Changes a resource's facts. */
export function factsOp(tenantId: string, resource: string, change: (facts: ResourceFacts) => ResourceFacts): CommitOp {
  return {
    ...nothing,
    tenantId,
    resource,
    decide: (view) => ({ ...noEffects(), facts: change(view.facts(tenantId, resource)) }),
  };
}

/** Changes a pass's cursor, and maybe the facts with it. */
export function cursorOp(
  tenantId: string,
  resource: string,
  cursor: PassCursor,
  change: (facts: ResourceFacts) => ResourceFacts = (facts) => facts,
): CommitOp {
  return {
    ...nothing,
    tenantId,
    resource,
    decide: (view): Effects => ({ ...noEffects(), cursor, facts: change(view.facts(tenantId, resource)) }),
  };
}

/** Has a record wait no longer, unless it was announced anew. */
export function servedOp(entry: PendingEntry): CommitOp {
  const { tenantId, resource } = entry;
  return { ...nothing, tenantId, resource, decide: () => ({ ...noEffects(), served: [{ entry }] }) };
}

/** Puts a record off. */
export function delayOp(delayed: Delayed): CommitOp {
  const { tenantId, resource } = delayed.entry;
  return { ...nothing, tenantId, resource, decide: () => ({ ...noEffects(), delayed: [delayed] }) };
}
