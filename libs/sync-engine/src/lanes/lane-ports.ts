import type { BackoffLimits, BreakerLimits } from '@relay/http-client';
import type { Clock } from '@relay/service-kit';
import type { EngineRules } from '../core/engine-rules.js';
import type { Pace } from '../core/pace.js';
import type { EventSettings } from '../core/record-version.js';
import type { Connector } from '../ports/connector.js';
import type { MirrorReads } from '../ports/engine-store.js';
import type { Conclusion } from '../requests/conclusion.js';
import type { CommitOp, Committed } from '../shards/committer.js';
import type { LaneState } from '../core/lane-state.js';
import type { FaultPoint } from '../fault-points.js';
import type { NoticeHorizon } from '../shards/notice-horizon.js';
import type { ShardMemory } from '../shards/shard-memory.js';
import type { CallSlots } from './call-slots.js';
import type { GatewayGate } from './gateway-gate.js';
import type { LaneClock } from './lane-clock.js';
import type { LaneLog } from './lane-log.js';
import type { PresenceWatch } from '../presence/presence-watch.js';
import type { ReadingPlaces } from './reading-places.js';

/** What all lanes of a process share. */
export interface LaneProcess {
  readonly connector: Connector;
  readonly rules: EngineRules;
  readonly events: EventSettings;
  readonly slots: CallSlots;
  /** Wakes lanes. */
  readonly clock: LaneClock;
  /** Time for everything else. */
  readonly time: Clock;
  readonly gateway: GatewayGate;
  /** What is known together of tenants' own servers. */
  readonly presence: PresenceWatch;
  /** Turns of first readings of what was permitted lately. */
  readonly places: ReadingPlaces;
  readonly breaker: BreakerLimits;
  readonly backoff: BackoffLimits;
  /** Calls in flight for one tenant. */
  readonly concurrency: number;
  readonly callTimeoutMs: number;
  /** Names this process's run in versions that belong to no pass. */
  readonly runId: string;
  readonly log: LaneLog;
  readonly fault: (point: FaultPoint) => Promise<void>;
  /** An operator's question about a record has its answer. */
  readonly concluded: (conclusion: Conclusion) => void;
  readonly called: (operation: string, outcome: string, seconds: number) => void;
  /** A search for changes was begun; `asked`: before its time. */
  readonly checked: (reason: Pace['reason'] | 'asked') => void;
  readonly now: () => number;
  /** A new id for a run. */
  readonly newId: () => string;
  /** The trace context of one sending. */
  readonly traceparent: () => string;
  readonly random: () => number;
}

/** What a lane needs of the shard it lives in. */
export interface LaneShard {
  readonly shard: number;
  readonly signal: AbortSignal;
  readonly memory: ShardMemory;
  readonly horizon: NoticeHorizon;
  readonly mirror: MirrorReads;
  nextReadSeq(): bigint;
  submit(op: CommitOp): Promise<Committed>;
  saveLane(tenantId: string, state: LaneState): void;
  /** True while so much is unpublished that making more would only fill memory. */
  isCongested(): boolean;
  /** The tenant's status may have changed. */
  touched(tenantId: string, resource: string | null): void;
}
