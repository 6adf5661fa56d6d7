import type { Lineage, RecordChange } from '@relay/contracts';
import { Prepared, type Tx } from '@relay/database';
import type { RecordWrite } from '../core/effects.js';
import type { MirrorRow, RecordRef } from '../core/model.js';
import type { ReadBefore } from '../ports/engine-store.js';
import type { LocatedRow, RowWithBody } from '../ports/stored-rows.js';
import { SET_OF_RECORD } from './ordinal.migration.js';

/** Above every number of 18 digits. */
const MOST_ORDINAL = '9223372036854775807';

interface Row {
  tenant_id: string;
  resource: string;
  record_id: string;
  version: string;
  deleted: boolean;
  hash: string;
  list_hash: string | null;
  modified_at: string | null;
  read_seq: string;
  read_at: string | null;
  last_notice_at: string | null;
  missed: boolean;
  change: string;
  changed_fields: string;
  previous: string | null;
  previous_version: string | null;
  lineage: string;
  source: string;
  omitted: string | null;
  whole: string | null;
}

const COLUMNS = `r.tenant_id, r.resource, r.record_id, r.version, r.deleted, r.hash, r.list_hash, r.modified_at, r.read_seq, r.read_at,
  r.last_notice_at, r.missed, r.change, r.changed_fields, r.previous, r.previous_version, r.lineage, r.source, r.omitted, r.whole`;

const number = (text: string | null): number | null => (text === null ? null : Number(text));

function rowOf(r: Row): MirrorRow {
  return {
    tenantId: r.tenant_id,
    resource: r.resource,
    recordId: r.record_id,
    version: Number(r.version),
    deleted: r.deleted,
    hash: r.hash,
    listHash: r.list_hash,
    modifiedAt: number(r.modified_at),
    readSeq: BigInt(r.read_seq),
    readAt: number(r.read_at),
    lastNoticeAt: number(r.last_notice_at),
    missed: r.missed,
    change: r.change as RecordChange,
    changedFields: JSON.parse(r.changed_fields) as string[],
    previous: r.previous,
    previousVersion: number(r.previous_version),
    lineage: JSON.parse(r.lineage) as Lineage,
    source: r.source,
    omitted: r.omitted === null ? null : (JSON.parse(r.omitted) as MirrorRow['omitted']),
    whole: r.whole,
  };
}

export interface KeyColumns {
  tenants: string[];
  resources: string[];
  records: string[];
}

export function keyColumns(refs: readonly RecordRef[]): KeyColumns {
  return {
    tenants: refs.map((ref) => ref.tenantId),
    resources: refs.map((ref) => ref.resource),
    records: refs.map((ref) => ref.recordId),
  };
}

/** Joins a table `r` with the keys given as $1, $2, $3. */
const BY_KEYS = `unnest($1::text[], $2::text[], $3::text[]) as k(tenant_id, resource, record_id)
  join record r on r.tenant_id = k.tenant_id and r.resource = k.resource and r.record_id = k.record_id`;

export async function readMirrorRows(tx: Tx, refs: readonly RecordRef[]): Promise<MirrorRow[]> {
  if (refs.length === 0) return [];
  const { tenants, resources, records } = keyColumns(refs);
  const rows = await tx.query<Row>(MIRROR_ROWS, [tenants, resources, records]);
  return rows.map(rowOf);
}

const MIRROR_ROWS = new Prepared(`select ${COLUMNS} from ${BY_KEYS}`);

/** One row, and where it was seen in the log last. */
export async function readLocated(tx: Tx, ref: RecordRef): Promise<LocatedRow | null> {
  const [found] = await tx.query<
    Row & { log_version: string | null; log_partition: number | null; log_offset: string | null }
  >(
    `select ${COLUMNS}, r.log_version, r.log_partition, r.log_offset from record r
     where r.tenant_id = $1 and r.resource = $2 and r.record_id = $3`,
    [ref.tenantId, ref.resource, ref.recordId],
  );
  if (found === undefined) return null;
  const { log_version: version, log_partition: partition, log_offset: offset } = found;
  const isSeen = version !== null && partition !== null && offset !== null;
  return { row: rowOf(found), log: isSeen ? { version: Number(version), partition, offset: BigInt(offset) } : null };
}

/** Rows with their bodies: what a message is made of. */
export async function readRowsWithBodies(tx: Tx, refs: readonly RecordRef[]): Promise<RowWithBody[]> {
  if (refs.length === 0) return [];
  const { tenants, resources, records } = keyColumns(refs);
  const rows = await tx.query<Row & { body: string | null }>(
    `select ${COLUMNS}, b.body from ${BY_KEYS}
     left join record_body b on b.tenant_id = r.tenant_id and b.resource = r.resource and b.record_id = r.record_id`,
    [tenants, resources, records],
  );
  return rows.map((r) => ({ row: rowOf(r), body: r.body }));
}

export async function readBodies(tx: Tx, refs: readonly RecordRef[]): Promise<(RecordRef & { body: string })[]> {
  if (refs.length === 0) return [];
  const { tenants, resources, records } = keyColumns(refs);
  const rows = await tx.query<{ tenant_id: string; resource: string; record_id: string; body: string }>(BODIES, [
    tenants,
    resources,
    records,
  ]);
  return rows.map((r) => ({ tenantId: r.tenant_id, resource: r.resource, recordId: r.record_id, body: r.body }));
}

const BODIES = new Prepared(`select b.tenant_id, b.resource, b.record_id, b.body
  from unnest($1::text[], $2::text[], $3::text[]) as k(tenant_id, resource, record_id)
  join record_body b on b.tenant_id = k.tenant_id and b.resource = k.resource and b.record_id = k.record_id`);

/** Rows whose newest version has not been seen in the log, in key order. */
export async function readUnconfirmed(
  tx: Tx,
  shard: number,
  limit: number,
  after: RecordRef | null,
): Promise<RowWithBody[]> {
  const from = after ?? { tenantId: '', resource: '', recordId: '' };
  const rows = await tx.query<Row & { body: string | null }>(
    `select ${COLUMNS}, b.body from record r
     left join record_body b on b.tenant_id = r.tenant_id and b.resource = r.resource and b.record_id = r.record_id
     where r.shard = $1 and (r.tenant_id, r.resource, r.record_id) > ($2, $3, $4)
       and r.log_version is distinct from r.version
     order by r.shard, r.tenant_id, r.resource, r.record_id limit $5`,
    [shard, from.tenantId, from.resource, from.recordId, limit],
  );
  return rows.map((r) => ({ row: rowOf(r), body: r.body }));
}

/** Some records of a tenant that are not deleted, whatever their resource. */
export async function readLiveRows(tx: Tx, tenantId: string, limit: number): Promise<MirrorRow[]> {
  const rows = await tx.query<Row>(
    `select ${COLUMNS} from record r where r.tenant_id = $1 and not r.deleted limit $2`,
    [tenantId, limit],
  );
  return rows.map(rowOf);
}

/** Rows of resources that are no longer read back, whose newest version nobody has noted as seen. */
export async function readUnseenBeside(
  tx: Tx,
  tenantId: string,
  enabled: readonly string[],
  limit: number,
): Promise<MirrorRow[]> {
  const rows = await tx.query<Row>(
    `select ${COLUMNS} from record r
     where r.tenant_id = $1 and not (r.resource = any($2)) and r.log_version is distinct from r.version limit $3`,
    [tenantId, enabled, limit],
  );
  return rows.map(rowOf);
}

/** Notes where the version of a row lies that is not read back. */
export async function noteAcknowledged(
  tx: Tx,
  row: MirrorRow,
  at: { readonly partition: number; readonly offset: bigint },
): Promise<void> {
  await tx.query(
    `update record set log_version = $4, log_partition = $5, log_offset = $6
     where tenant_id = $1 and resource = $2 and record_id = $3 and version = $4`,
    [row.tenantId, row.resource, row.recordId, row.version, at.partition, String(at.offset)],
  );
}

/** Ids of live records between two numeric ids that were read before a pass asked for them. */
export async function readIdsBetween(tx: Tx, at: ReadBefore, above: string, upTo: string | null): Promise<string[]> {
  const rows = await tx.query<{ record_id: string }>(
    `select record_id from record where ${SET_OF_RECORD} = $1 and not deleted and read_seq < $2
     and ordinal > $3 and ordinal <= $4`,
    [`${at.tenantId}\n${at.resource}`, String(at.readBefore), above, upTo ?? MOST_ORDINAL],
  );
  return rows.map((r) => r.record_id);
}

/** Ids of all live records of a resource that were last read before a run began. */
export async function readLiveIds(tx: Tx, at: ReadBefore): Promise<string[]> {
  const rows = await tx.query<{ record_id: string }>(
    'select record_id from record where tenant_id = $1 and resource = $2 and not deleted and read_seq < $3',
    [at.tenantId, at.resource, String(at.readBefore)],
  );
  return rows.map((r) => r.record_id);
}

/** The same, of the parts of one whole. */
export async function readIdsOfWhole(tx: Tx, at: ReadBefore, wholeId: string): Promise<string[]> {
  const rows = await tx.query<{ record_id: string }>(
    'select record_id from record where tenant_id = $1 and resource = $2 and whole = $4 and not deleted and read_seq < $3',
    [at.tenantId, at.resource, String(at.readBefore), wholeId],
  );
  return rows.map((r) => r.record_id);
}

/** Writes rows and bodies. The log columns belong to the read-back and are left alone. */
export async function writeRecords(tx: Tx, shard: number, writes: readonly RecordWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const values = writes.map(({ row }) => ({
    tenant_id: row.tenantId,
    resource: row.resource,
    record_id: row.recordId,
    shard,
    version: row.version,
    deleted: row.deleted,
    hash: row.hash,
    list_hash: row.listHash,
    modified_at: row.modifiedAt,
    read_seq: String(row.readSeq),
    read_at: row.readAt,
    last_notice_at: row.lastNoticeAt,
    missed: row.missed,
    change: row.change,
    changed_fields: JSON.stringify(row.changedFields),
    previous: row.previous,
    previous_version: row.previousVersion,
    lineage: JSON.stringify(row.lineage),
    source: row.source,
    omitted: row.omitted === null ? null : JSON.stringify(row.omitted),
    whole: row.whole,
  }));
  const set = writes.filter((write) => write.body.kind === 'set');
  const { tenants, resources, records } = keyColumns(set.map((write) => write.row));
  const bodies = set.map((write) => (write.body.kind === 'set' ? write.body.text : ''));
  await tx.query(UPSERT_RECORDS, [JSON.stringify(values), tenants, resources, records, bodies]);
  await dropBodies(tx, writes);
}

const WRITTEN = [
  'version',
  'deleted',
  'hash',
  'list_hash',
  'modified_at',
  'read_seq',
  'read_at',
  'last_notice_at',
  'missed',
  'change',
  'changed_fields',
  'previous',
  'previous_version',
  'lineage',
  'source',
  'omitted',
  'whole',
];

/** Rows and their bodies in one round trip. */
const UPSERT_RECORDS = new Prepared(`with bodies as (
    insert into record_body (tenant_id, resource, record_id, body)
    select * from unnest($2::text[], $3::text[], $4::text[], $5::text[])
    on conflict (tenant_id, resource, record_id) do update set body = excluded.body)
  insert into record (tenant_id, resource, record_id, shard, ${WRITTEN.join(', ')})
  select tenant_id, resource, record_id, shard, ${WRITTEN.join(', ')} from json_to_recordset($1::json) as v(
    tenant_id text, resource text, record_id text, shard int, version bigint, deleted boolean, hash text, list_hash text,
    modified_at bigint, read_seq bigint, read_at bigint, last_notice_at bigint, missed boolean, change text, changed_fields text,
    previous text, previous_version bigint, lineage text, source text, omitted text, whole text)
  on conflict (tenant_id, resource, record_id) do update set
    ${WRITTEN.map((column) => `${column} = excluded.${column}`).join(', ')}`);

async function dropBodies(tx: Tx, writes: readonly RecordWrite[]): Promise<void> {
  const dropped = writes.filter((write) => write.body.kind === 'drop');
  if (dropped.length === 0) return;
  const { tenants, resources, records } = keyColumns(dropped.map((write) => write.row));
  await tx.query(
    `delete from record_body b using unnest($1::text[], $2::text[], $3::text[]) as k(tenant_id, resource, record_id)
     where b.tenant_id = k.tenant_id and b.resource = k.resource and b.record_id = k.record_id`,
    [tenants, resources, records],
  );
}
