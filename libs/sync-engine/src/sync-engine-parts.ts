import type { ServiceName } from '@relay/contracts';
import type { Health, Metrics } from '@relay/service-kit';
import type { EngineRules } from './core/engine-rules.js';
import type { EngineConfig } from './engine-settings.js';
import type { EngineSurroundings } from './engine-surroundings.js';
import type { LaneLog } from './lanes/lane-log.js';
import type { Connector } from './ports/connector.js';
import type { ShardDuty } from './ports/shard-duty.js';
import type { EngineStore } from './ports/engine-store.js';
import type { RecordLog } from './ports/record-log.js';
import type { TokenFeed } from './ports/token-source.js';

/** What a sync engine is put together from. */
export interface SyncEngineParts {
  readonly service: Extract<ServiceName, 'provet-sync' | 'exact-sync'>;
  readonly connector: Connector;
  readonly duties: readonly ShardDuty[];
  readonly config: EngineConfig;
  readonly store: EngineStore;
  readonly recordLog: RecordLog;
  readonly tokens: TokenFeed;
  readonly log: LaneLog;
  readonly health: Pick<Health, 'register'>;
  readonly metrics: Metrics;
  /** Tests shorten the engine's periods. */
  readonly rules?: Partial<EngineRules>;
  /** The model's; default: the process's. */
  readonly surroundings?: EngineSurroundings;
}
