import { z } from 'zod';
import { VENDORS, type Vendor } from './services.js';

export const VERSION_CAUSES = ['notice', 'reconcile', 'backfill', 'poll', 'sweep', 'write'] as const;
/** Why a version exists; never changes for that version. */
export type VersionCause = (typeof VERSION_CAUSES)[number];
/** Why this message was sent: the version's cause, or `replay` when it is a repeat. */
export type SendCause = VersionCause | 'replay';

export const RECORD_CHANGES = ['snapshot', 'created', 'updated', 'deleted'] as const;
export type RecordChange = (typeof RECORD_CHANGES)[number];

const instant = z.iso.datetime();

export const lineage = z.looseObject({
  cause: z.enum(VERSION_CAUSES),
  trigger: z
    .union([z.int(), z.literal('any')])
    .nullable()
    .describe('Provet: trigger of the notice that caused it'),
  noticedAt: instant.nullable(),
  fetchedAt: instant,
  committedAt: instant,
  runId: z.string(),
});
export type Lineage = z.infer<typeof lineage>;

/** Value of a record event (contract §6). `record` is the vendor's own object. */
export const recordEventValue = z.looseObject({
  tenantId: z.string().min(1),
  vendor: z.enum(VENDORS),
  resource: z.string().min(1),
  recordId: z.string().min(1),
  version: z.int().positive(),
  record: z.looseObject({}).nullable(),
  recordOmitted: z
    .looseObject({ bytes: z.int().positive(), sha256: z.string(), url: z.string() })
    .optional()
    .describe('instead of a record larger than EVENT_MAX_BYTES'),
  changedFields: z.array(z.string()).describe('RFC 6901 pointers; empty on the first version'),
  previous: z.record(z.string(), z.unknown()).optional().describe('old values, with EVENT_PREVIOUS only'),
  previousVersion: z.int().positive().nullable(),
  lineage,
});
export type RecordEventValue = z.infer<typeof recordEventValue>;

/** Headers of a record event: CloudEvents 1.0, Kafka protocol binding, binary mode. */
export const recordEventHeaders = z.looseObject({
  ce_specversion: z.literal('1.0'),
  ce_id: z.string().min(1),
  ce_source: z.url(),
  ce_type: z.string().regex(/^practice-relay\.(provet|exact)\.[a-z0-9_-]+\.(snapshot|created|updated|deleted)$/),
  ce_subject: z.string().min(1),
  ce_time: instant,
  ce_dataschema: z.string().min(1),
  ce_partitionkey: z.string().min(1),
  ce_tenantid: z.string().min(1),
  ce_recordversion: z.string().regex(/^[1-9]\d*$/),
  ce_cause: z.enum([...VERSION_CAUSES, 'replay']),
  'relay-epoch': z.string(),
  /** W3C trace context. Messages of early versions have none. */
  traceparent: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .optional(),
  'content-type': z.literal('application/json'),
});

export const RECORD_EVENT_SCHEMA = 'urn:practice-relay:schema:record-event:v1';

export interface RecordEventInput {
  readonly tenantId: string;
  readonly vendor: Vendor;
  readonly resource: string;
  readonly recordId: string;
  readonly version: number;
  readonly change: RecordChange;
  /** The vendor's text of the record, spliced in as it is; null for a deletion or an omitted record. */
  readonly recordText: string | null;
  readonly recordOmitted?: { readonly bytes: number; readonly sha256: string; readonly url: string };
  readonly changedFields: readonly string[];
  readonly previous?: Readonly<Record<string, unknown>>;
  readonly previousVersion: number | null;
  readonly lineage: Lineage;
  /** `https://<host>/<provetId>/api/0.1/` or `<api>/v1/Practices/<practiceId>`. */
  readonly source: string;
  readonly sendCause: SendCause;
  readonly epoch: number;
  readonly traceparent?: string;
}

export interface RecordMessage {
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function recordKey(tenantId: string, recordId: string): string {
  return `${tenantId}/${recordId}`;
}

/**
 * Splits a record topic's key. A tenant's id may hold slashes, and the record id of a practice as well: with the tenant's id
 * (header `ce_tenantid`) the split is certain; without it the record id is taken to be what follows the last slash.
 */
export function parseRecordKey(key: string, tenantId?: string): { tenantId: string; recordId: string } | null {
  const at = tenantId !== undefined && key.startsWith(`${tenantId}/`) ? tenantId.length : key.lastIndexOf('/');
  return at <= 0 || at === key.length - 1 ? null : { tenantId: key.slice(0, at), recordId: key.slice(at + 1) };
}

/** Keys that begin so are no records: see `markerKey`. No tenant id begins with it. */
const MARKER = '~marker/';

/**
 * Key of a marker in a partition of a record topic. Kafka compacts no segment that is still written to; a marker that is
 * written (and deleted) after a purge closes the segment, so that what was purged really goes. Consumers ignore it.
 */
export function markerKey(partition: number, number: number): string {
  return `${MARKER}${partition}/${number}`;
}

export function isMarkerKey(key: string): boolean {
  return key.startsWith(MARKER);
}

/** Builds the Kafka message of one version of a record. The vendor's text is never parsed or written anew. */
export function buildRecordMessage(input: RecordEventInput): RecordMessage {
  const { tenantId, vendor, resource, recordId, version, change } = input;
  const key = recordKey(tenantId, recordId);
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: `${tenantId}/${resource}/${recordId}@${version}`,
    ce_source: input.source,
    ce_type: `practice-relay.${vendor}.${resource.replaceAll('/', '-')}.${change}`,
    ce_subject: `${resource}/${recordId}`,
    ce_time: input.lineage.committedAt,
    ce_dataschema: RECORD_EVENT_SCHEMA,
    ce_partitionkey: key,
    ce_tenantid: tenantId,
    ce_recordversion: String(version),
    ce_cause: input.sendCause,
    'relay-epoch': String(input.epoch),
    'content-type': 'application/json',
  };
  if (input.traceparent !== undefined) headers['traceparent'] = input.traceparent;
  if (change === 'deleted') return { key, value: null, headers };
  const head = JSON.stringify({ tenantId, vendor, resource, recordId, version });
  const tail = JSON.stringify({
    ...(input.recordOmitted ? { recordOmitted: input.recordOmitted } : {}),
    changedFields: input.changedFields,
    ...(input.previous ? { previous: input.previous } : {}),
    previousVersion: input.previousVersion,
    lineage: input.lineage,
  });
  return { key, value: `${head.slice(0, -1)},"record":${input.recordText ?? 'null'},${tail.slice(1)}`, headers };
}
