import type { z } from 'zod';
import { SYNC_OF, type ServiceName, type Vendor } from './services.js';
import { syncReplyValue, syncRequestValue } from './sync-requests.js';
import {
  auditValue,
  credentialValue,
  hookupValue,
  noticeValue,
  practiceDetailsValue,
  subscriptionListValue,
  completenessValue,
  syncStatusValue,
  tenantValue,
  tokenCommandValue,
  tokenValue,
  withdrawalValue,
} from './values.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Where a topic's messages are put: by the tenant that they are about, or by the key itself (contract §5). */
export type PartitionedBy = 'tenant' | 'key';

export interface TopicSpec {
  /** Name without the prefix. */
  readonly name: string;
  readonly partitionedBy: PartitionedBy;
  readonly writers: readonly ServiceName[];
  readonly readers: readonly ServiceName[];
  /** Broker settings that are part of the contract; a difference on the broker is an error. */
  readonly config: Readonly<Record<string, string>>;
}

const compacted = { 'cleanup.policy': 'compact' };
const kept = (ms: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(ms) });
const syncs: readonly ServiceName[] = ['provet-sync', 'exact-sync'];

/** Control topics: value schema, writers, readers and clean-up. The one table that topic set-up, types and docs come from. */
export const CONTROL_TOPICS = {
  'hookup.v1': {
    partitionedBy: 'tenant',
    writers: ['gateway', 'tenant-registry', 'token-broker'],
    readers: ['tenant-registry', 'token-broker'],
    // A registry that was away for a week still reads what the broker has tombstoned since.
    config: { ...compacted, 'min.compaction.lag.ms': String(7 * DAY) },
    value: hookupValue,
  },
  // Registrations with the right secret whose host is not allowed: the registry keeps them for a person to decide.
  'held-hookup.v1': {
    partitionedBy: 'tenant',
    writers: ['gateway'],
    readers: ['tenant-registry'],
    config: kept(7 * DAY),
    value: hookupValue,
  },
  'tenant.v1': {
    partitionedBy: 'tenant',
    writers: ['tenant-registry'],
    readers: ['tenant-registry', 'token-broker', 'provet-sync', 'exact-sync', 'console'],
    config: compacted,
    value: tenantValue,
  },
  'credential.v1': {
    partitionedBy: 'tenant',
    writers: ['token-broker'],
    readers: ['tenant-registry', 'token-broker', 'exact-sync'],
    config: compacted,
    value: credentialValue,
  },
  'token.v1': {
    partitionedBy: 'tenant',
    writers: ['token-broker'],
    readers: ['token-broker', ...syncs],
    config: compacted,
    value: tokenValue,
  },
  'token-command.v1': {
    partitionedBy: 'tenant',
    writers: syncs,
    readers: ['token-broker'],
    config: kept(7 * DAY),
    value: tokenCommandValue,
  },
  'notice.v1': {
    partitionedBy: 'tenant',
    writers: ['gateway'],
    readers: ['provet-sync'],
    config: kept(7 * DAY),
    value: noticeValue,
  },
  'subscription-list.v1': {
    partitionedBy: 'tenant',
    writers: ['exact-sync'],
    readers: ['tenant-registry'],
    config: kept(7 * DAY),
    value: subscriptionListValue,
  },
  'practice-details.v1': {
    partitionedBy: 'tenant',
    writers: ['exact-sync'],
    readers: ['tenant-registry', 'exact-sync'],
    config: compacted,
    value: practiceDetailsValue,
  },
  'sync-status.v1': {
    partitionedBy: 'tenant',
    writers: syncs,
    readers: ['provet-sync', 'exact-sync', 'tenant-registry', 'console'],
    config: compacted,
    value: syncStatusValue,
  },
  'completeness.v1': {
    partitionedBy: 'tenant',
    writers: syncs,
    readers: [...syncs, 'console'],
    config: compacted,
    value: completenessValue,
  },
  // What the syncs have undone of a withdrawn tenant. Kept for ever: a restored database is purged again by it.
  'withdrawal.v1': {
    partitionedBy: 'tenant',
    writers: syncs,
    readers: [...syncs, 'token-broker'],
    config: compacted,
    value: withdrawalValue,
  },
  // What operators ask of the syncs, and the answers.
  'sync-request.v1': {
    partitionedBy: 'tenant',
    writers: ['tenant-registry'],
    readers: syncs,
    config: kept(7 * DAY),
    value: syncRequestValue,
  },
  'sync-reply.v1': {
    partitionedBy: 'tenant',
    writers: syncs,
    readers: ['tenant-registry'],
    config: kept(7 * DAY),
    value: syncReplyValue,
  },
  'audit.v1': {
    partitionedBy: 'key',
    writers: ['gateway', 'tenant-registry', 'token-broker', 'provet-sync', 'exact-sync', 'console'],
    readers: ['tenant-registry'],
    config: kept(365 * DAY),
    value: auditValue,
  },
} as const satisfies Record<string, Omit<TopicSpec, 'name'> & { value: z.ZodType }>;

export type ControlTopic = keyof typeof CONTROL_TOPICS;
/** Topic → payload: what producers send and handlers receive. */
export type ControlValue<T extends ControlTopic> = z.infer<(typeof CONTROL_TOPICS)[T]['value']>;

export const DEAD_LETTER_TOPIC = 'dead-letter.v1';

export function controlTopicSpec(name: ControlTopic): TopicSpec {
  const { partitionedBy, writers, readers, config } = CONTROL_TOPICS[name];
  return { name, partitionedBy, writers, readers, config };
}

export const DEAD_LETTER_SPEC: TopicSpec = {
  name: DEAD_LETTER_TOPIC,
  partitionedBy: 'key',
  writers: ['tenant-registry', 'token-broker', 'provet-sync', 'exact-sync', 'console'],
  readers: [],
  config: kept(30 * DAY),
};

/** Name without prefix of a record topic; `/` of a vendor path becomes `-`. */
export function recordTopic(vendor: Vendor, resource: string): string {
  return `${vendor}.${resource.replaceAll('/', '-')}.v1`;
}

/**
 * A record topic. A consumer may be away seven days without missing a deletion; old values are gone two days after, in a
 * partition that is written to.
 */
export function recordTopicSpec(vendor: Vendor, resource: string): TopicSpec {
  return {
    name: recordTopic(vendor, resource),
    partitionedBy: 'key',
    writers: [SYNC_OF[vendor]],
    readers: [SYNC_OF[vendor]],
    config: {
      ...compacted,
      'segment.ms': String(DAY),
      'max.compaction.lag.ms': String(DAY),
      'delete.retention.ms': String(7 * DAY),
    },
  };
}

/** Every topic that a service reads or writes: what it creates at start. Record topics only for the enabled resources. */
export function topicsOf(service: ServiceName, resources: readonly string[] = []): TopicSpec[] {
  const control = (Object.keys(CONTROL_TOPICS) as ControlTopic[]).map(controlTopicSpec);
  const vendor = service === 'provet-sync' ? 'provet' : service === 'exact-sync' ? 'exact' : null;
  const records = vendor === null ? [] : resources.map((resource) => recordTopicSpec(vendor, resource));
  return [...control, DEAD_LETTER_SPEC]
    .filter((t) => t.writers.includes(service) || t.readers.includes(service))
    .concat(records);
}
