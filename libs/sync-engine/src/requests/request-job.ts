import type { SyncRequestValue } from '@relay/contracts';
import type { StateTopic } from '@relay/state-topic';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { EngineStore } from '../ports/engine-store.js';
import type { RequestRow } from '../ports/stored-rows.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import type { Answer } from './question.js';

export interface RequestJobsPorts {
  readonly process: LaneProcess;
  readonly store: EngineStore;
  readonly records: StateTopic;
  shards(): Iterable<OwnedShard>;
  /** Whether so much is unpublished that sending more would only fill memory. */
  readonly publisher: { readonly isCongested: boolean };
  reply(question: Pick<SyncRequestValue, 'requestId' | 'tenantId' | 'kind'>, answer: Answer): void;
}

/** A request in this process's hands. */
export interface RequestJob {
  readonly row: RequestRow;
  readonly shard: OwnedShard;
}
