export { DEAD_LETTER_HEADERS, REFERENCE_ONLY_DEAD_LETTERS } from './dead-letter.js';
export {
  EXACT_BASE_SCOPES,
  EXACT_RESOURCES,
  EXACT_USUAL_RESOURCES,
  EXACT_SCOPES_OF,
  exactScopeSet,
  exactScopeText,
  exactScopesWanted,
} from './exact-scopes.js';
export type { ExactResource, ExactScopeNeeds, ExactScopeSet } from './exact-scopes.js';
export { HOOKUP_MEMBERS, HookupMessage, grantOf, hookupValueOf, readHookupMessage } from './hookup-message.js';
export type { AcceptedHookup, HookupVerdict } from './hookup-message.js';
export { checkHookupUrls } from './hookup-urls.js';
export type { HookupUrlRules, MemberProblem } from './hookup-urls.js';
export { murmur2, partitionOf } from './murmur2.js';
export {
  RECORD_CHANGES,
  RECORD_EVENT_SCHEMA,
  VERSION_CAUSES,
  buildRecordMessage,
  isMarkerKey,
  lineage,
  markerKey,
  parseRecordKey,
  recordEventHeaders,
  recordEventValue,
  recordKey,
} from './record-event.js';
export type {
  Lineage,
  RecordChange,
  RecordEventInput,
  RecordEventValue,
  RecordMessage,
  SendCause,
  VersionCause,
} from './record-event.js';
export {
  LASTING_REQUEST_KINDS,
  MOST_RECORD_IDS,
  RECORD_STATES,
  SYNC_REQUEST_KINDS,
  VERIFY_OUTCOMES,
  recordFacts,
  syncReplyValue,
  syncRequestValue,
} from './sync-requests.js';
export type {
  LastingRequestKind,
  RecordFacts,
  RecordState,
  SyncReplyValue,
  SyncRequestKind,
  SyncRequestValue,
  VerifyOutcome,
} from './sync-requests.js';
export { SERVICES, SYNC_OF, VENDORS } from './services.js';
export type { ServiceName, Vendor } from './services.js';
export {
  EXACT_ENVIRONMENTS,
  credentialIdOf,
  exactEnvironmentId,
  exactTenantId,
  hostOf,
  parseTenantId,
  provetTenantId,
  vendorOf,
} from './tenant-id.js';
export type { ExactEnvironment, TenantId, TenantRef } from './tenant-id.js';
export {
  CONTROL_TOPICS,
  DEAD_LETTER_SPEC,
  DEAD_LETTER_TOPIC,
  controlTopicSpec,
  recordTopic,
  recordTopicSpec,
  topicsOf,
} from './topics.js';
export type { ControlTopic, ControlValue, PartitionedBy, TopicSpec } from './topics.js';
export { MARKS, TRIGGERS, resourceOfMember, triggersOf } from './triggers.js';
export type { Mark, Trigger } from './triggers.js';
export {
  BREAKER_STATES,
  CREDENTIAL_HEALTH,
  GRANTS,
  SYNC_PHASES,
  TENANT_REASONS,
  TENANT_STATES,
  auditValue,
  capabilities,
  consentInvite,
  credentialValue,
  hookupRegistration,
  hookupValue,
  hooksRemoval,
  noticeValue,
  practiceDetailsValue,
  purgeReceipt,
  subscriptionListValue,
  syncCounters,
  completenessValue,
  syncStatusValue,
  ACCESS_STANDINGS,
  resourceAccess,
  webhooksStatus,
  tenantValue,
  tokenCommandValue,
  tokenValue,
  withdrawalValue,
} from './values.js';
export type {
  AuditValue,
  BreakerState,
  Capabilities,
  ConsentInvite,
  CredentialHealth,
  CredentialValue,
  Grant,
  HookupValue,
  HooksRemoval,
  NoticeValue,
  PracticeDetailsValue,
  PurgeReceipt,
  SubscriptionListValue,
  SyncCounters,
  SyncPhase,
  AccessStanding,
  CompletenessValue,
  ResourceAccess,
  SyncStatusValue,
  WebhooksStatus,
  TenantReason,
  TenantState,
  TenantValue,
  TokenCommandValue,
  TokenValue,
  WithdrawalValue,
} from './values.js';
export { WEBHOOK_KEY_LENGTH, webhookKey, webhookKeyId, webhookSigningKey, webhookUrl } from './webhook-url.js';
