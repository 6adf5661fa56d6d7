import type { TenantValue } from '@relay/contracts';
import {
  COUNTER_NAMES,
  NEW_FACTS,
  TRIGGER_COUNTER_NAMES,
  type Counters,
  type ResourceFacts,
  type Trigger,
  type TriggerCounters,
  type TriggerCounts,
} from '../core/model.js';
import type { ResourceRow, ResourceWrite } from '../ports/stored-rows.js';

/** A resource of a tenant, as its row says. */
export interface ResourceMemory {
  facts: ResourceFacts;
  noticesDelivered: boolean;
  records: number;
  counters: Counters;
  triggers: TriggerCounts;
}

export function noCounters(): Counters {
  return { notices: 0, duplicates: 0, late: 0, missed: 0, healed: 0, deleted: 0 };
}

const NO_TRIGGER_COUNTERS: TriggerCounters = { notices: 0, duplicates: 0, late: 0, missed: 0 };

/** Counts by trigger with one counter changed. */
export function countTrigger(
  counts: TriggerCounts,
  trigger: Trigger,
  counter: keyof TriggerCounters,
  by: number,
): TriggerCounts {
  const before = counts[String(trigger)] ?? NO_TRIGGER_COUNTERS;
  return { ...counts, [String(trigger)]: { ...before, [counter]: before[counter] + by } };
}

/** The sums of both. */
export function addTriggers(to: TriggerCounts, more: TriggerCounts): TriggerCounts {
  const sums: Record<string, TriggerCounters> = { ...to };
  for (const [trigger, counts] of Object.entries(more)) {
    const sum = { ...(sums[trigger] ?? NO_TRIGGER_COUNTERS) };
    for (const name of TRIGGER_COUNTER_NAMES) sum[name] += counts[name];
    sums[trigger] = sum;
  }
  return sums;
}

/** What a shard's owner keeps of it in memory; every change was committed before it is made here. */
export class ShardMemory {
  readonly tenants = new Map<string, TenantValue>();
  private readonly resources = new Map<string, ResourceMemory>();

  resource(tenantId: string, resource: string): ResourceMemory {
    const key = `${tenantId}\0${resource}`;
    let memory = this.resources.get(key);
    if (memory === undefined) {
      memory = { facts: NEW_FACTS, noticesDelivered: false, records: 0, counters: noCounters(), triggers: {} };
      this.resources.set(key, memory);
    }
    return memory;
  }

  load(rows: readonly ResourceRow[]): void {
    for (const row of rows) {
      this.resources.set(`${row.tenantId}\0${row.resource}`, {
        facts: { ...NEW_FACTS, ...row.facts },
        noticesDelivered: row.noticesDelivered,
        records: row.records,
        counters: { ...row.counters },
        triggers: row.triggers,
      });
    }
  }

  apply(write: ResourceWrite): void {
    const memory = this.resource(write.tenantId, write.resource);
    if (write.facts !== null) memory.facts = write.facts;
    memory.noticesDelivered ||= write.noticesDelivered;
    memory.records += write.records;
    for (const name of COUNTER_NAMES) memory.counters[name] += write.counters[name];
    memory.triggers = addTriggers(memory.triggers, write.triggers);
  }

  /** What was known of the tenant's resources, when its records are purged. */
  forgetResources(tenantId: string): void {
    for (const key of this.resources.keys()) if (key.startsWith(`${tenantId}\0`)) this.resources.delete(key);
  }
}
