import type { BreakerState, SyncStatusValue, TenantValue, WebhooksStatus } from '@relay/contracts';
import { estimatedEnd } from '../core/first-reading.js';
import type { LaneState } from '../core/lane-state.js';
import { phaseOf, type BlockKind } from '../core/phase.js';
import type { HistoryReading } from '../core/model.js';
import type { Presence } from '../presence/core/presence.js';
import type { ResourceMemory } from '../shards/shard-memory.js';

export interface StatusInput {
  readonly tenant: TenantValue;
  readonly resource: string;
  readonly memory: ResourceMemory;
  readonly block: BlockKind | null;
  readonly breaker: BreakerState;
  readonly prepareReason: string | null;
  /** How its own server stands; null = it has none, or no lane. */
  readonly presence: Presence | null;
  /** What its preparation has found out; null where there is no lane. */
  readonly prepared: Pick<LaneState, 'access' | 'notices' | 'noticesFor'> | null;
  readonly hasNotices: boolean;
  /** Calls to its server, where they are counted. */
  readonly calls?: { readonly lastHour: number; readonly cap: number } | null;
  /** How often changes are looked for; null where there is no lane, or no pass that looks for them. */
  readonly pace: NonNullable<SyncStatusValue['pace']> | null;
  readonly parked: number;
  readonly unpublished: number;
  /** Deletions that wait for a person. */
  readonly held: number;
}

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What `sync-status.v1` says of a resource of a tenant. */
export function statusOf(input: StatusInput, now: number): SyncStatusValue {
  const { tenant, resource, memory, parked, unpublished, breaker } = input;
  const { facts, counters } = memory;
  const { phase, reason } = phaseOf({ ...input, facts, records: memory.records, absence: absenceOf(input.presence) });
  const reading = facts.liveAt === null ? facts.firstReading : null;
  return {
    tenantId: tenant.tenantId,
    vendor: tenant.vendor,
    resource,
    phase,
    reason,
    backfill:
      reading === null
        ? null
        : { done: reading.done, total: reading.total, estimatedEndAt: instant(estimatedEnd(reading, now)) },
    snapshot:
      facts.snapshot === null
        ? null
        : { completedAt: new Date(facts.snapshot.completedAt).toISOString(), offsets: { ...facts.snapshot.offsets } },
    history: historyOf(facts.history ?? null),
    calls: input.calls ?? null,
    completeAsOf: instant(facts.completeAsOf),
    lastCheckedAt: instant(facts.lastCheckedAt),
    counters: {
      notices: counters.notices,
      duplicates: counters.duplicates,
      late: Math.max(0, counters.late),
      missed: Math.max(0, counters.missed),
      healed: Math.max(0, counters.healed),
      deleted: counters.deleted,
    },
    triggers: triggersOf(memory),
    pace: input.pace,
    parked: Math.max(0, parked),
    unpublished,
    breaker,
    presence: presenceStatusOf(input.presence),
    access: input.prepared?.access?.[resource] ?? null,
    webhooks: input.hasNotices ? webhooksOf(input) : null,
    updatedAt: new Date(now).toISOString(),
    heldDeletions: facts.heldAt === null ? null : { count: input.held, since: new Date(facts.heldAt).toISOString() },
  };
}

function historyOf(history: HistoryReading | null): SyncStatusValue['history'] {
  if (history === null) return null;
  const { startedAt, done, completedAt } = history;
  return { startedAt: new Date(startedAt).toISOString(), done, completedAt: instant(completedAt) };
}

function absenceOf(presence: Presence | null): string | null {
  if (presence === null || presence.standing === 'online' || presence.standing === 'unknown') return null;
  if (presence.dayOff) return 'day-off';
  return presence.standing === 'broken' ? 'not-answering' : presence.standing;
}

function presenceStatusOf(presence: Presence | null): SyncStatusValue['presence'] {
  if (presence === null) return null;
  const { standing, since, expectedAt } = presence;
  // Where it should be there already, the instant would be a new one each time.
  const awaited = standing === 'late' || standing === 'broken' ? null : expectedAt;
  return { standing, since: instant(since), expectedAt: instant(awaited), unexpected: standing === 'broken' };
}

function triggersOf({ triggers }: ResourceMemory): NonNullable<SyncStatusValue['triggers']> {
  return Object.fromEntries(
    Object.entries(triggers)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([trigger, { notices, duplicates, late, missed }]) => [
        trigger,
        { notices, duplicates, late: Math.max(0, late), missed: Math.max(0, missed) },
      ]),
  );
}

/** A notice that has come proves that one of people's hooks is there, whatever the relay may see of it. */
function webhooksOf({ resource, prepared, memory }: StatusInput): WebhooksStatus | null {
  const report = prepared?.notices ?? null;
  if (prepared === null || report === null) return null;
  const isInPlace = report.otherwise !== 'off' && (prepared.noticesFor.includes(resource) || memory.noticesDelivered);
  return {
    state: isInPlace ? 'in-place' : report.otherwise,
    permission: report.permission,
    departmentOnly: report.departmentOnly.includes(resource),
    queue: report.queue,
  };
}
