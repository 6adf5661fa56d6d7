import { z } from 'zod';
import { VERSION_CAUSES } from './record-event.js';

/*
 * What an operator asks of a sync, and what the sync answers. The registry writes requests and reads replies; the sync that
 * owns the tenant's shard does the work. Within a major version members, kinds and words are only added.
 */
const instant = z.iso.datetime().describe('ISO 8601 instant in UTC');
const id = z.string().min(1);
const count = z.int().nonnegative();

export const SYNC_REQUEST_KINDS = [
  'lookup',
  'verify',
  'resync',
  'replay',
  'release-deletions',
  'drop-deletions',
  'check-permissions',
  'compare',
] as const;
/** Those that go on for a while and tell of their progress. */
export const LASTING_REQUEST_KINDS = [
  'resync',
  'replay',
  'check-permissions',
  'compare',
] as const satisfies readonly (typeof SYNC_REQUEST_KINDS)[number][];
export type LastingRequestKind = (typeof LASTING_REQUEST_KINDS)[number];
export type SyncRequestKind = (typeof SYNC_REQUEST_KINDS)[number];

/** Most record ids that one request may name. */
export const MOST_RECORD_IDS = 1000;

export const syncRequestValue = z.looseObject({
  requestId: id,
  tenantId: id,
  kind: id.describe(`${SYNC_REQUEST_KINDS.join(' | ')}; a sync refuses one that it does not know`),
  resource: z.string().nullable().describe('null = all enabled ones'),
  recordIds: z.array(id).max(MOST_RECORD_IDS).nullable(),
  from: instant.nullable().describe("only records whose last change lies at or after it, by the vendor's clock"),
  to: instant.nullable().describe('only records whose last change lies before it'),
  requestedBy: z.string().describe('actor, as in audit entries'),
  reason: z.string().nullable(),
  at: instant,
  deadline: instant.nullable().describe('nobody waits for an answer after it'),
});
export type SyncRequestValue = z.infer<typeof syncRequestValue>;

export const RECORD_STATES = ['present', 'deleted', 'waiting', 'unknown', 'not-enabled'] as const;
export type RecordState = (typeof RECORD_STATES)[number];

/** Everything that a sync knows of one record. */
export const recordFacts = z.looseObject({
  resource: id,
  recordId: id,
  state: z
    .enum(RECORD_STATES)
    .describe(
      'waiting: announced, never read yet; unknown: neither announced nor met; not-enabled: its resource is off',
    ),
  version: count.nullable(),
  cause: z.enum(VERSION_CAUSES).nullable().describe('of the newest version'),
  modifiedAt: instant.nullable().describe("by the vendor's clock, as last read"),
  lastNoticeAt: instant.nullable(),
  lastFetchedAt: instant.nullable(),
  committedAt: instant.nullable().describe('when the newest version was made'),
  log: z
    .looseObject({ topic: id, partition: count, offset: z.string(), version: count })
    .nullable()
    .describe('where it was seen in the log last; null: not yet'),
  waiting: z
    .looseObject({
      cause: z.enum(VERSION_CAUSES),
      since: instant.nullable(),
      attempts: count,
      parked: z.boolean(),
      nextAttemptAt: instant.nullable().describe('null: it waits for a person'),
      deletionHeld: z.boolean(),
    })
    .nullable()
    .describe('it is to be fetched'),
});
export type RecordFacts = z.infer<typeof recordFacts>;

export const VERIFY_OUTCOMES = [
  'same',
  'healed',
  'forbidden',
  'not-at-vendor',
  'not-enabled',
  'practice-offline-since',
  'awaiting-consent',
  'paused',
  'unreadable',
] as const;
export type VerifyOutcome = (typeof VERIFY_OUTCOMES)[number];

export const syncReplyValue = z.looseObject({
  requestId: id,
  tenantId: id,
  kind: id,
  status: z.enum(['accepted', 'working', 'done', 'refused']),
  code: z.string().nullable().describe('refused: a stable word for why'),
  outcome: z.enum(VERIFY_OUTCOMES).nullable().describe('of a verify'),
  since: instant.nullable().describe('practice-offline-since, paused: since when'),
  detail: z.string().nullable().describe('for people'),
  record: recordFacts.nullable(),
  progress: z
    .looseObject({ asked: count, waiting: count })
    .nullable()
    .describe('records of a resync or replay, resources of a compare; a check of permissions is one thing'),
  at: instant,
});
export type SyncReplyValue = z.infer<typeof syncReplyValue>;
