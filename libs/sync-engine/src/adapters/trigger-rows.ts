import type { Tx } from '@relay/database';
import { TRIGGER_COUNTER_NAMES, type TriggerCounters, type TriggerCounts } from '../core/model.js';
import type { ResourceWrite } from '../ports/stored-rows.js';

type Row = { tenant_id: string; resource: string; trigger: string } & { [K in keyof TriggerCounters]: string };

const COUNTERS = TRIGGER_COUNTER_NAMES.join(', ');

const keyOf = (tenantId: string, resource: string): string => `${tenantId}\0${resource}`;

/** What is counted by trigger in a shard; of one tenant when it is named. Gives the counts of a resource. */
export async function readTriggers(
  tx: Tx,
  shard: number,
  tenantId: string | null,
): Promise<(tenantId: string, resource: string) => TriggerCounts> {
  const rows = await tx.query<Row>(
    `select tenant_id, resource, trigger, ${COUNTERS} from trigger_count
     where shard = $1 and ($2::text is null or tenant_id = $2)`,
    [shard, tenantId],
  );
  const found = new Map<string, Record<string, TriggerCounters>>();
  for (const { tenant_id, resource, trigger, ...row } of rows) {
    const key = keyOf(tenant_id, resource);
    let counts = found.get(key);
    if (counts === undefined) found.set(key, (counts = {}));
    const numbers = TRIGGER_COUNTER_NAMES.map((name) => [name, Number(row[name])]);
    counts[trigger] = Object.fromEntries(numbers) as TriggerCounters;
  }
  return (tenant, resource) => found.get(keyOf(tenant, resource)) ?? {};
}

/** Added, never set, as a resource's own counters. */
export async function addTriggerCounts(tx: Tx, shard: number, writes: readonly ResourceWrite[]): Promise<void> {
  const values = writes.flatMap(({ tenantId, resource, triggers }) =>
    Object.entries(triggers).map(([trigger, counts]) => ({ tenant_id: tenantId, resource, trigger, ...counts })),
  );
  if (values.length === 0) return;
  // One order for all writers of these rows: two transactions can wait for each other, but never in a circle.
  const sortKey = (v: (typeof values)[number]): string => `${keyOf(v.tenant_id, v.resource)}\0${v.trigger}`;
  values.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  await tx.query(
    `insert into trigger_count as c (tenant_id, resource, trigger, shard, ${COUNTERS})
     select tenant_id, resource, trigger, $2, ${COUNTERS}
     from json_to_recordset($1::json) as v(tenant_id text, resource text, trigger text, notices bigint,
       duplicates bigint, late bigint, missed bigint)
     on conflict (tenant_id, resource, trigger) do update set
       ${TRIGGER_COUNTER_NAMES.map((name) => `${name} = c.${name} + excluded.${name}`).join(', ')}`,
    [JSON.stringify(values), shard],
  );
}
