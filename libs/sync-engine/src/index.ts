export { JsonShapeError, jsonArraySlices } from './core/json-slices.js';
export { engineSettings } from './engine-settings.js';
export type { EngineConfig } from './engine-settings.js';
export type {
  CallContext,
  CallFailure,
  ConfirmOutcome,
  Connector,
  FetchOutcome,
  PageOutcome,
  PageRow,
  PassRequest,
  PassSpec,
  PrepareOutcome,
  ResourceSpec,
  ShardDuty,
  ShardHandle,
  WorkClass,
} from './ports/connector.js';
export type { AccessToken, TokenSource } from './ports/token-source.js';
