import type { SyncReplyValue, SyncRequestValue, TenantValue } from '@relay/contracts';
import type { OwnedShard } from '../shards/owned-shard.js';

/** What a request is answered with, beside what it says itself. */
export type Answer = Pick<SyncReplyValue, 'status'> &
  Partial<Pick<SyncReplyValue, 'code' | 'outcome' | 'since' | 'detail' | 'record' | 'progress'>>;

/** A request in the hands of the shard that has its tenant. */
export interface Question {
  readonly request: SyncRequestValue;
  readonly tenant: TenantValue;
  readonly shard: OwnedShard;
  readonly isEnabled: (resource: string) => boolean;
}
