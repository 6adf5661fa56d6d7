export { engineMigrations } from './adapters/engine-migrations.js';
export { ENGINE_RULES } from './core/engine-rules.js';
export type { EngineRules } from './core/engine-rules.js';
export { isLifted } from './core/record-version.js';
export { WORK_CLASSES, WORK_SHARES } from './core/work-shares.js';
export { JsonShapeError, jsonArraySlices } from './core/json-slices.js';
export { engineSettings } from './engine-settings.js';
export type { EngineConfig } from './engine-settings.js';
export { FAULT_POINTS } from './fault-points.js';
export type { FaultPoint } from './fault-points.js';
export type {
  CallFailure,
  ConfirmOutcome,
  DepartOutcome,
  FetchOutcome,
  PageOutcome,
  PageRow,
  LastPreparation,
  NoticesReport,
  PrepareOutcome,
} from './ports/call-outcomes.js';
export type {
  CallContext,
  Connector,
  MergeReading,
  PartRef,
  PassRequest,
  PassSpec,
  ResourceSpec,
  SpendingBook,
  TenantPlace,
  WorkClass,
} from './ports/connector.js';
export type { ShardDuty, ShardHandle } from './ports/shard-duty.js';
export { NotConforming, connectorConformance } from './conformance/connector-conformance.js';
export type { ConformanceCheck, ConformanceSubject } from './conformance/connector-conformance.js';
export type { AccessToken, TokenFeed, TokenSource } from './ports/token-source.js';
export type { Delayed, Raised, RecordWrite, Served } from './core/effects.js';
export type { MirrorRow, PendingEntry, RecordRef } from './core/model.js';
export type {
  DeletedRows,
  EngineStore,
  PendingChange,
  ReadBefore,
  UnitOfWork,
  VersionedRows,
} from './ports/engine-store.js';
export type {
  CursorWrite,
  LaneWrite,
  LocatedRow,
  Marker,
  NoticedRecord,
  PurgeRow,
  RecordFilter,
  RepublishReason,
  RepublishRow,
  RequestRow,
  ResourceRow,
  ResourceWrite,
  SeenRecord,
  TouchedPartition,
} from './ports/stored-rows.js';
export { NEW_LANE } from './core/lane-state.js';
export type { LaneState } from './core/lane-state.js';
export { GatewayGate } from './lanes/gateway-gate.js';
export { offsetAt } from './presence/core/local-week.js';
export { LanePresence } from './presence/lane-presence.js';
export type { PresenceLane, Silence } from './presence/lane-presence.js';
export { PresenceWatch } from './presence/presence-watch.js';
export { PROCESS_SURROUNDINGS } from './engine-surroundings.js';
export type { EngineSurroundings } from './engine-surroundings.js';
export type { RecordLog } from './ports/record-log.js';
export { addTriggers } from './shards/shard-memory.js';
export { KeptSpending, UNKEPT_SHARE } from './spending/kept-spending.js';
export { SpendingAccount } from './spending/spending-account.js';
export type { Tenure } from './spending/spending-account.js';
export { SyncEngine } from './sync-engine.js';
export type { SyncEngineParts } from './sync-engine-parts.js';
export { CONNECTOR, SyncEngineModule } from './sync-engine.module.js';
export type { PartProvider, SyncEngineOptions } from './sync-engine.module.js';
export { syncStrategies } from './sync-strategies.js';
export { TokenTable } from './tokens/token-table.js';
