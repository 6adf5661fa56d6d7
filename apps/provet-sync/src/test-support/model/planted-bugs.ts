import { buildRecordMessage, recordTopic } from '@relay/contracts';
import type { Connector, EngineStore, RecordLog, RecordWrite, UnitOfWork } from '@relay/sync-engine';
import type { Plant } from './run-plan.js';

/*
 * Bugs that a sync engine could have, each put between the engine and what it stands on. Only runs of the model can have
 * them; each must be found by what the checker knows.
 */

/** Whoever has owned a shard once may write for ever. */
function noFence(): Plant {
  return { hasFence: false };
}

/** What was fetched is served, whatever has been announced meanwhile. */
function noDirtyFlag(): Plant {
  return {
    storeOf: (store) =>
      over(store, {
        fenced: (shard, epoch, work) =>
          store.fenced(shard, epoch, async (unit) => work(over(unit, { removeServed: forgetful(store, shard, unit) }))),
      }),
  };
}

function forgetful(store: EngineStore, shard: number, unit: UnitOfWork): UnitOfWork['removeServed'] {
  return async (served) => {
    const tenants = [...new Set(served.map(({ entry }) => entry.tenantId))];
    const waiting = tenants.length === 0 ? [] : await store.pending(shard, tenants);
    const present = served.map(({ entry }) => ({
      entry:
        waiting.find(
          (one) =>
            one.tenantId === entry.tenantId && one.resource === entry.resource && one.recordId === entry.recordId,
        ) ?? entry,
    }));
    return unit.removeServed(present);
  };
}

/** A version is told before it is kept. */
function sendBeforeCommit(): Plant {
  const logs = new Map<string, RecordLog>();
  return {
    recordLogOf: (log, worker) => (logs.set(worker, log), log),
    storeOf: (store, worker) =>
      over(store, {
        fenced: (shard, epoch, work) =>
          store.fenced(shard, epoch, async (unit) =>
            work(
              over(unit, {
                writeRecords: async (writes) => {
                  for (const write of writes) if (write.publish) await tell(write, epoch, logs.get(worker));
                  return unit.writeRecords(writes);
                },
              }),
            ),
          ),
      }),
  };
}

async function tell({ row, body }: RecordWrite, epoch: number, log: RecordLog | undefined): Promise<void> {
  const recordText = body.kind === 'set' ? body.text : null;
  const { lineage } = row;
  const about = { ...row, vendor: 'provet' as const, recordText, sendCause: lineage.cause, epoch };
  const { previous: _previous, omitted: _omitted, ...input } = about;
  const message = buildRecordMessage(input);
  // Whether it has arrived is nobody's business here.
  await log?.send({ topic: recordTopic('provet', row.resource), ...message }).catch(() => undefined);
}

/** Who may not see a record is told that there is none, and believes it. */
function forbiddenAsNotFound(): Plant {
  return {
    connectorOf: (connector) =>
      over<Connector>(connector, {
        fetchRecord: async (...call) => {
          const outcome = await connector.fetchRecord(...call);
          return outcome.kind === 'forbidden'
            ? { kind: 'not-found', apiShaped: true, tookMs: outcome.tookMs }
            : outcome;
        },
        // Nor does it look at what the list shows: that alone would keep it from believing so.
        confirmList: async (...call) => {
          const outcome = await (connector.confirmList as NonNullable<Connector['confirmList']>).apply(connector, call);
          return outcome.kind === 'listed' ? { kind: 'listed', tookMs: outcome.tookMs } : outcome;
        },
      }),
  };
}

/** The next pass asks for less than the last one may have missed. */
function watermarkPastOverlap(): Plant {
  return { rules: { overlapMs: -60_000 } };
}

/** The read-back goes on where it has come, although the database knows nothing of that any more. */
function readBackAheadOfDatabase(): Plant {
  const noted = new Map<string, Map<number, bigint>>();
  return {
    storeOf: (store) =>
      over(store, {
        noteSeenRecords: async (seen, shardOf) => {
          await store.noteSeenRecords(seen, shardOf);
          for (const { resource, partition, offset } of seen) {
            const places = noted.get(resource) ?? new Map<number, bigint>();
            noted.set(resource, places);
            if (offset >= (places.get(partition) ?? 0n)) places.set(partition, offset + 1n);
          }
        },
        notedUpTo: async (resource) => noted.get(resource) ?? new Map(),
      }),
  };
}

/** What is sent once more is sent as something new. */
function repeatsAsNews(): Plant {
  return {
    storeOf: (store) =>
      over(store, {
        rowsWithBodies: async (refs) => {
          const rows = await store.rowsWithBodies(refs);
          return rows.map(({ row, body }) => ({ row: { ...row, version: row.version + 1 }, body }));
        },
      }),
  };
}

export const PLANTED_BUGS = {
  'no fence': noFence,
  'no dirty flag': noDirtyFlag,
  'send before commit': sendBeforeCommit,
  '403 as 404': forbiddenAsNotFound,
  'watermark past the overlap': watermarkPastOverlap,
  'read-back ahead of the database': readBackAheadOfDatabase,
  'repeats as news': repeatsAsNews,
} as const satisfies Record<string, () => Plant>;

/** The same but for some members. */
function over<T extends object>(object: T, members: Partial<T>): T {
  return Object.assign(Object.create(object) as T, members);
}
