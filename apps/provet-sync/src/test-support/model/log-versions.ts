import type { Evidence, Published, RecordName } from './evidence.js';
import { speltMember } from './exact-value.js';

/** One version of a record, as the log shows it. */
export interface LogVersion {
  readonly version: number;
  readonly eventId: string;
  /** null: a tombstone. */
  readonly content: string | null;
  /** null: a tombstone does not tell. */
  readonly previousVersion: number | null;
  readonly cause: string;
  readonly committedAt: number;
  readonly noticedAt: number | null;
  /** Place of the state that it shows in the record's history; null: the vendor never held it. */
  state: number | null;
}

export interface RecordLog {
  /** Each version once, ascending. */
  readonly versions: readonly LogVersion[];
  /** Every message's version, in the order of the log. */
  readonly sent: readonly number[];
  /** Versions that were committed, say later ones, and never sent. */
  readonly gaps: number;
  readonly contradictions: readonly string[];
}

/** The log, record by record. */
export function readLog(evidence: Evidence): Map<RecordName, RecordLog> {
  const messages = new Map<RecordName, Published[]>();
  for (const message of evidence.log) {
    const of = messages.get(message.record);
    if (of === undefined) messages.set(message.record, [message]);
    else of.push(message);
  }
  return new Map([...messages].map(([record, of]) => [record, recordLog(record, of, evidence)]));
}

function recordLog(record: RecordName, messages: readonly Published[], evidence: Evidence): RecordLog {
  const volatile = volatileOf(record, evidence);
  const contradictions: string[] = [];
  const byVersion = new Map<number, LogVersion>();
  for (const message of messages) {
    const read = versionOf(message, volatile);
    const before = byVersion.get(read.version);
    if (before === undefined) byVersion.set(read.version, read);
    else if (before.content !== read.content || before.previousVersion !== read.previousVersion) {
      contradictions.push(`version ${read.version} was sent with two contents`);
    } else if (before.eventId !== read.eventId) {
      contradictions.push(`version ${read.version} was sent under two ids`);
    }
  }
  const versions = [...byVersion.values()].sort((a, b) => a.version - b.version);
  placeStates(versions, record, evidence, volatile);
  const known = new Set(versions.map(({ version }) => version));
  const gaps = versions.filter(({ previousVersion: p }) => p !== null && !known.has(p)).length;
  return { versions, sent: messages.map(({ headers }) => Number(headers['ce_recordversion'])), gaps, contradictions };
}

export function volatileOf(record: RecordName, { resources }: Evidence): readonly string[] {
  const resource = record.split('\0')[1];
  return resources.find(({ name }) => name === resource)?.volatile ?? [];
}

interface EventValue {
  readonly previousVersion: number | null;
  readonly lineage: { readonly cause: string; readonly committedAt: string; readonly noticedAt: string | null };
}

function versionOf({ value, headers }: Published, volatile: readonly string[]): LogVersion {
  const version = Number(headers['ce_recordversion']);
  const base = { version, eventId: headers['ce_id'] ?? '', state: null };
  if (value === null) {
    const committedAt = Date.parse(headers['ce_time'] ?? '');
    return { ...base, content: null, previousVersion: null, cause: 'tombstone', committedAt, noticedAt: null };
  }
  const { previousVersion, lineage } = JSON.parse(value) as EventValue;
  return {
    ...base,
    content: speltMember(value, 'record', volatile),
    previousVersion,
    cause: lineage.cause,
    committedAt: Date.parse(lineage.committedAt),
    noticedAt: lineage.noticedAt === null ? null : Date.parse(lineage.noticedAt),
  };
}

/** Which of the record's states each version shows: the first one that fits, behind that of the version before. */
function placeStates(
  versions: readonly LogVersion[],
  record: RecordName,
  evidence: Evidence,
  volatile: readonly string[],
): void {
  const states = contentsOf(record, evidence, volatile);
  let last = -1;
  for (const version of versions) {
    const at = states.indexOf(version.content, last + 1);
    if (at < 0) continue;
    version.state = at;
    last = at;
  }
}

const spellings = new WeakMap<Evidence, Map<RecordName, readonly (string | null)[]>>();

/** The contents of a record's states, spelt as the versions' are. */
export function contentsOf(
  record: RecordName,
  evidence: Evidence,
  volatile: readonly string[],
): readonly (string | null)[] {
  let known = spellings.get(evidence);
  if (known === undefined) spellings.set(evidence, (known = new Map()));
  let contents = known.get(record);
  if (contents === undefined) {
    contents = (evidence.history.get(record) ?? []).map(({ text }) =>
      text === null ? null : speltMember(`{"record":${text}}`, 'record', volatile),
    );
    known.set(record, contents);
  }
  return contents;
}
