import { createHash } from 'node:crypto';
import {
  buildRecordMessage,
  type RecordChange,
  type RecordMessage,
  type SendCause,
  type Vendor,
  type VersionCause,
} from '@relay/contracts';
import { parseExact, without } from './exact-json.js';
import { jsonDifference } from './json-diff.js';
import type { MirrorRow, RecordRef, Trigger } from './model.js';
import { latest, nextVersion, type Sighting } from './record-decision.js';

/** Tells how the tenant's events are labelled; one for each tenant. */
export interface EventOrigin {
  readonly vendor: Vendor;
  readonly source: string;
  urlOf(resource: string, recordId: string): string;
}

export interface EventSettings {
  readonly previous: boolean;
  readonly maxBytes: number;
}

export interface VersionInput {
  readonly ref: RecordRef;
  readonly row: MirrorRow | null;
  readonly oldBody: string | null;
  readonly sighting: Sighting;
  readonly readSeq: bigint;
  readonly change: RecordChange;
  readonly cause: VersionCause;
  readonly missed: boolean;
  readonly trigger: Trigger | null;
  readonly noticedAt: number | null;
  readonly runId: string;
  readonly listHash: string | null;
  readonly volatileMembers: readonly string[];
  readonly now: number;
  readonly origin: EventOrigin;
  readonly settings: EventSettings;
  readonly whole: string | null;
}

const instant = (ms: number): string => new Date(ms).toISOString();

/** The next version of a record, complete: whoever sends it later sends the same. */
export function versionOf(input: VersionInput): MirrorRow {
  const { row, sighting, now } = input;
  const before = row !== null && !row.deleted ? input.oldBody : null;
  const difference =
    before === null
      ? null
      : jsonDifference(
          without(parseExact(before), input.volatileMembers),
          without(parseExact(sighting.text), input.volatileMembers),
        );
  const next: MirrorRow = {
    ...input.ref,
    version: nextVersion(row?.version ?? null, now),
    deleted: false,
    hash: sighting.hash,
    listHash: input.listHash,
    modifiedAt: sighting.modifiedAt,
    readSeq: input.readSeq,
    readAt: sighting.fetchedAt,
    lastNoticeAt: latest(row?.lastNoticeAt ?? null, input.noticedAt),
    missed: input.missed,
    change: input.change,
    changedFields: difference?.pointers ?? [],
    previous: difference !== null && input.settings.previous ? JSON.stringify(difference.previous) : null,
    previousVersion: row?.version ?? null,
    lineage: {
      cause: input.cause,
      trigger: input.trigger,
      noticedAt: input.noticedAt === null ? null : instant(input.noticedAt),
      fetchedAt: instant(sighting.fetchedAt),
      committedAt: instant(now),
      runId: input.runId,
    },
    source: input.origin.source,
    omitted: null,
    whole: input.whole,
  };
  return fitted(next, sighting.text, input.origin, input.settings);
}

interface TombstoneAt {
  readonly now: number;
  readonly fetchedAt: number;
  readonly readSeq: bigint;
  readonly cause: VersionCause;
}

interface TombstoneNotice {
  readonly trigger: Trigger | null;
  readonly noticedAt: number | null;
  readonly runId: string;
}

/** The row of a tombstone where the mirror had no row. */
export function firstTombstoneOf(
  ref: RecordRef,
  { source }: EventOrigin,
  at: TombstoneAt,
  notice: TombstoneNotice,
): MirrorRow {
  return { ...ref, previousVersion: null, source, whole: null, ...goneFacts(null, at, notice) };
}

/** The tombstone's row. */
export function tombstoneOf(row: MirrorRow, at: TombstoneAt, notice: TombstoneNotice): MirrorRow {
  return { ...row, previousVersion: row.version, ...goneFacts(row, at, notice) };
}

/** What a tombstone's row says whatever was there before. */
function goneFacts(
  row: MirrorRow | null,
  at: TombstoneAt,
  notice: TombstoneNotice,
): Omit<MirrorRow, keyof RecordRef | 'previousVersion' | 'source' | 'whole'> {
  return {
    version: nextVersion(row?.version ?? null, at.now),
    deleted: true,
    hash: '',
    listHash: null,
    modifiedAt: null,
    readSeq: at.readSeq,
    readAt: at.fetchedAt,
    lastNoticeAt: latest(row?.lastNoticeAt ?? null, notice.noticedAt),
    missed: false,
    change: 'deleted',
    changedFields: [],
    previous: null,
    omitted: null,
    lineage: {
      cause: at.cause,
      trigger: notice.trigger,
      noticedAt: notice.noticedAt === null ? null : instant(notice.noticedAt),
      fetchedAt: instant(at.fetchedAt),
      committedAt: instant(at.now),
      runId: notice.runId,
    },
  };
}

/** The Kafka message of a row. Everything in it but the send's own cause and epoch comes from the row. */
export function messageOf(
  row: MirrorRow,
  body: string | null,
  send: {
    readonly vendor: Vendor;
    readonly cause: SendCause;
    readonly epoch: number;
    readonly traceparent?: string;
  },
): RecordMessage {
  return buildRecordMessage({
    tenantId: row.tenantId,
    vendor: send.vendor,
    resource: row.resource,
    recordId: row.recordId,
    version: row.version,
    change: row.change,
    recordText: row.omitted === null ? body : null,
    ...(row.omitted === null ? {} : { recordOmitted: row.omitted }),
    changedFields: row.changedFields,
    ...(row.previous === null ? {} : { previous: rawMembers(row.previous) }),
    previousVersion: row.previousVersion,
    lineage: row.lineage,
    source: row.source,
    sendCause: send.cause,
    epoch: send.epoch,
    ...(send.traceparent === undefined ? {} : { traceparent: send.traceparent }),
  });
}

/** Old values keep the spelling of their numbers. */
function rawMembers(text: string): Readonly<Record<string, unknown>> {
  return parseExact(text) as Readonly<Record<string, unknown>>;
}

/** A record that is too large is named instead of carried; old values go first. */
function fitted(row: MirrorRow, text: string, origin: EventOrigin, settings: EventSettings): MirrorRow {
  const size = (candidate: MirrorRow): number =>
    Buffer.byteLength(messageOf(candidate, text, { vendor: origin.vendor, cause: 'replay', epoch: 0 }).value ?? '');
  // A UTF-16 unit takes three bytes at most: most records need no second look.
  if (text.length * 3 + 4096 < settings.maxBytes && row.previous === null && row.changedFields.length < 100) return row;
  if (size(row) <= settings.maxBytes) return row;
  const omitted = {
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
    url: origin.urlOf(row.resource, row.recordId),
  };
  const named = { ...row, omitted };
  if (size(named) <= settings.maxBytes) return named;
  const short = { ...named, previous: null };
  // Even the pointers alone may be too many: the whole record is then said to have changed.
  return size(short) <= settings.maxBytes ? short : { ...short, changedFields: [''] };
}
