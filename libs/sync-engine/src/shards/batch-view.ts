import type { Effects, MirrorView } from '../core/effects.js';
import {
  TRIGGER_COUNTER_NAMES,
  refText,
  type Counters,
  type MirrorRow,
  type RecordRef,
  type ResourceFacts,
  type TriggerCounters,
  type TriggerCounts,
} from '../core/model.js';
import type { ResourceWrite } from '../ports/stored-rows.js';
import { countTrigger, noCounters, type ShardMemory } from './shard-memory.js';

interface Sums {
  readonly tenantId: string;
  readonly resource: string;
  facts: ResourceFacts | null;
  noticesDelivered: boolean;
  records: number;
  readonly counters: Counters;
  triggers: TriggerCounts;
}

interface ViewPorts {
  readonly memory: ShardMemory;
  noticesKnown(tenantId: string, resource: string): boolean;
  consumedAsOf(): number | null;
}

/** The mirror as one transaction sees it, with what its earlier results have made of the facts. */
export class BatchView implements MirrorView {
  private readonly sums = new Map<string, Sums>();

  constructor(
    private readonly rows: ReadonlyMap<string, MirrorRow>,
    private readonly bodies: ReadonlyMap<string, string>,
    private readonly ports: ViewPorts,
  ) {}

  row(ref: RecordRef): MirrorRow | null {
    return this.rows.get(refText(ref)) ?? null;
  }

  body(ref: RecordRef): string | null {
    return this.bodies.get(refText(ref)) ?? null;
  }

  facts(tenantId: string, resource: string): ResourceFacts {
    return this.sums.get(key(tenantId, resource))?.facts ?? this.ports.memory.resource(tenantId, resource).facts;
  }

  liveRecords(tenantId: string, resource: string): number {
    const added = this.sums.get(key(tenantId, resource))?.records ?? 0;
    return this.ports.memory.resource(tenantId, resource).records + added;
  }

  noticesKnown(tenantId: string, resource: string): boolean {
    return this.ports.noticesKnown(tenantId, resource);
  }

  get consumedAsOf(): number | null {
    return this.ports.consumedAsOf();
  }

  /** The next result of this transaction sees what this one has made of the facts. */
  accept(tenantId: string, resource: string, effects: Effects): void {
    const sums = this.sumsOf(tenantId, resource);
    if (effects.facts !== undefined) sums.facts = effects.facts;
    if (effects.noticesDelivered === true) sums.noticesDelivered = true;
    for (const { counter, by, trigger = null } of effects.counted) {
      if (counter === 'records') sums.records += by;
      else sums.counters[counter] += by;
      if (trigger !== null && isOfTrigger(counter)) sums.triggers = countTrigger(sums.triggers, trigger, counter, by);
    }
  }

  /** What changed, by resource; unchanged ones are left out. */
  resourceWrites(): ResourceWrite[] {
    return [...this.sums.values()].filter(
      ({ tenantId, resource, facts, noticesDelivered, records, counters }) =>
        (facts !== null && facts !== this.ports.memory.resource(tenantId, resource).facts) ||
        noticesDelivered ||
        records !== 0 ||
        Object.values(counters).some((by) => by !== 0),
    );
  }

  private sumsOf(tenantId: string, resource: string): Sums {
    const at = key(tenantId, resource);
    let sums = this.sums.get(at);
    if (sums === undefined) {
      sums = {
        tenantId,
        resource,
        facts: null,
        noticesDelivered: false,
        records: 0,
        counters: noCounters(),
        triggers: {},
      };
      this.sums.set(at, sums);
    }
    return sums;
  }
}

const key = (tenantId: string, resource: string): string => `${tenantId}\0${resource}`;

const isOfTrigger = (counter: string): counter is keyof TriggerCounters =>
  TRIGGER_COUNTER_NAMES.some((name) => name === counter);
