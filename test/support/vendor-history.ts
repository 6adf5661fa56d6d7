import { recordTopic } from '@relay/contracts';
import type { ResourceName } from '@relay/vendor-twins';
import type { Simulator } from '../../apps/vendor-simulator/src/start.js';

type ProvetTwin = Simulator['provet'];
type Fields = Parameters<ProvetTwin['put']>[3];
type Options = Parameters<ProvetTwin['put']>[4];

/** A record's name: topic and key, as a consumer knows it. */
export const recordName = (topic: string, key: string): string => `${topic} ${key}`;

/**
 * What the vendor's twin has held, state after state, as long as a test makes all changes through here. Knows nothing of the
 * relay but how topics and keys are named.
 */
export class VendorHistory {
  /** By record name: each state as JSON, the first when it was first looked at; `null` = there is no such record. */
  readonly states = new Map<string, string[]>();

  constructor(
    private readonly provet: ProvetTwin,
    private readonly tenantIdOf: (provetId: number) => string,
  ) {}

  /** Takes down what a tenant holds now. */
  begin(provetId: number, resources: readonly ResourceName[]): void {
    for (const resource of resources) {
      for (const id of this.provet.ids(provetId, resource)) this.note(provetId, resource, id);
    }
  }

  /** Changes or creates a record. Webhooks are made unless `notify` says otherwise. */
  put(provetId: number, resource: ResourceName, id: number, fields: Fields, options?: Options): void {
    this.provet.put(provetId, resource, id, fields, options);
    this.note(provetId, resource, id);
  }

  remove(provetId: number, resource: ResourceName, id: number, options?: Options): void {
    this.provet.remove(provetId, resource, id, options);
    this.note(provetId, resource, id);
  }

  private note(provetId: number, resource: ResourceName, id: number): void {
    const name = recordName(recordTopic('provet', resource), `${this.tenantIdOf(provetId)}/${id}`);
    const state = JSON.stringify(this.provet.record(provetId, resource, id));
    this.states.set(name, [...(this.states.get(name) ?? []), state]);
  }
}
