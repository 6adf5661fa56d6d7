import { recordTopic, type Vendor } from '@relay/contracts';
import type { ExactKind, ResourceName, TwinRecord } from '@relay/vendor-twins';
import type { Simulator } from '../../apps/vendor-simulator/src/start.js';
import { textOf } from './appointments.js';
import type { RelayStack } from './relay-stack.js';

type ProvetTwin = Simulator['provet'];
type ProvetFields = Parameters<ProvetTwin['put']>[3];
type ProvetOptions = Parameters<ProvetTwin['put']>[4];

/** A record's name: topic and key, as a consumer knows it. */
export const recordName = (topic: string, key: string): string => `${topic} ${key}`;

/** A vendor's twin as a history needs it: what it holds, and how that is changed. */
export interface HeldRecords<Tenant, Resource extends string, Id, Fields, Options> {
  readonly vendor: Vendor;
  tenantId(tenant: Tenant): string;
  /** The id as it is in a key. */
  recordId(id: Id): string;
  ids(tenant: Tenant, resource: Resource): Iterable<Id>;
  /** Null: there is none. */
  record(tenant: Tenant, resource: Resource, id: Id): object | null;
  put(tenant: Tenant, resource: Resource, id: Id, fields: Fields, options?: Options): void;
  remove(tenant: Tenant, resource: Resource, id: Id, options?: Options): void;
}

/**
 * What the vendor's twin has held, state after state, as long as a test makes all changes through here. Knows nothing of the
 * relay but how topics and keys are named.
 */
export class VendorHistory<Tenant, Resource extends string, Id, Fields, Options> {
  /** By record name: each state as JSON, the first when it was first looked at; `null` = there is no such record. */
  readonly states = new Map<string, string[]>();

  constructor(private readonly held: HeldRecords<Tenant, Resource, Id, Fields, Options>) {}

  static provet(relay: RelayStack): ProvetHistory {
    const { provet } = relay.simulator;
    return new VendorHistory({
      vendor: 'provet',
      tenantId: (id: number) => relay.tenantId(id),
      recordId: String,
      ids: (tenant, resource: ResourceName) => provet.ids(tenant, resource),
      record: (tenant, resource, id) => provet.record(tenant, resource, id),
      put: (tenant, resource, id, fields: ProvetFields, options?: ProvetOptions) =>
        provet.put(tenant, resource, id, fields, options),
      remove: (tenant, resource, id, options) => provet.remove(tenant, resource, id, options),
    });
  }

  static exact(relay: RelayStack): ExactHistory {
    const { exact } = relay.simulator;
    return new VendorHistory({
      vendor: 'exact',
      tenantId: (practice: string) => relay.practiceTenantId(practice),
      recordId: (guid: string) => guid.toLowerCase(),
      ids: (practice, kind: ExactKind) => exact.records(practice, kind).map((record) => textOf(record, 'id')),
      record: (practice, kind, guid) => exact.record(practice, kind, guid),
      put: (practice, kind, guid, fields: TwinRecord) => void exact.put(practice, kind, guid, fields),
      remove: (practice, kind, guid) => void exact.remove(practice, kind, guid),
    });
  }

  /** Takes down what a tenant holds now. */
  begin(tenant: Tenant, resources: readonly Resource[]): void {
    for (const resource of resources) {
      for (const id of this.held.ids(tenant, resource)) this.note(tenant, resource, id);
    }
  }

  /** Changes or creates a record. Webhooks, where the vendor has them, are made unless `notify` says otherwise. */
  put(tenant: Tenant, resource: Resource, id: Id, fields: Fields, options?: Options): void {
    this.held.put(tenant, resource, id, fields, options);
    this.note(tenant, resource, id);
  }

  remove(tenant: Tenant, resource: Resource, id: Id, options?: Options): void {
    this.held.remove(tenant, resource, id, options);
    this.note(tenant, resource, id);
  }

  private note(tenant: Tenant, resource: Resource, id: Id): void {
    const { vendor } = this.held;
    const key = `${this.held.tenantId(tenant)}/${this.held.recordId(id)}`;
    const name = recordName(recordTopic(vendor, resource), key);
    const state = JSON.stringify(this.held.record(tenant, resource, id));
    this.states.set(name, [...(this.states.get(name) ?? []), state]);
  }
}

export type ProvetHistory = VendorHistory<number, ResourceName, number, ProvetFields, ProvetOptions>;
export type ExactHistory = VendorHistory<string, ExactKind, string, TwinRecord, never>;
