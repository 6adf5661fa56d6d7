import { Inject, Injectable } from '@nestjs/common';
import type { AuditValue } from '@relay/contracts';
import { Database } from '@relay/database';
import type { Repository, SelectQueryBuilder } from 'typeorm';
import { AuditRecord } from './audit-record.js';
import { storableText } from './storable-text.js';

/** An entry and where it lies in the topic. */
export interface PlacedEntry {
  readonly partition: number;
  readonly offset: string;
  readonly value: AuditValue;
}

/** Where a page ends: the place of its last entry. */
export type AuditPlace = Pick<AuditRecord, 'partition' | 'offset'> & { readonly at: string };

export interface AuditFilter {
  readonly tenantId?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** ISO instants: from this one on, and before that one. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only what is older than the page before. */
  readonly after?: AuditPlace | undefined;
  readonly limit: number;
}

/** Rows of one statement: nine parameters each, of the 65,535 that Postgres takes. */
const INSERT_AT_ONCE = 500;

/** The audit trail as this service keeps it, for whoever asks. The topic is the original. */
@Injectable()
export class AuditLog {
  private readonly records: Repository<AuditRecord>;

  constructor(@Inject(Database) { dataSource }: Database) {
    this.records = dataSource.getRepository(AuditRecord);
  }

  /** Keeps entries, those that are kept already being left as they are. */
  async keep(entries: readonly PlacedEntry[]): Promise<void> {
    for (let from = 0; from < entries.length; from += INSERT_AT_ONCE) {
      await this.records
        .createQueryBuilder()
        .insert()
        .values(entries.slice(from, from + INSERT_AT_ONCE).map(columnsOf))
        .orIgnore()
        .updateEntity(false)
        .execute();
    }
  }

  /** Newest first, one more than asked for when there are more. */
  async page(filter: AuditFilter): Promise<AuditRecord[]> {
    const query = this.records.createQueryBuilder('entry').limit(filter.limit + 1);
    for (const column of ['at', 'partition', 'offset']) query.addOrderBy(`entry.${column}`, 'DESC');
    narrow(query, filter);
    return query.getMany();
  }

  /** Forgets the oldest entries from before an instant (ISO), so many at most. Returns how many they were. */
  async forget(before: string, most: number): Promise<number> {
    const oldest = this.records
      .createQueryBuilder('old')
      .select(['old.partition', 'old.offset'])
      .where('old.at < :before')
      .orderBy('old.at')
      .limit(most)
      // Another replica that does the same takes other rows.
      .setLock('pessimistic_write')
      .setOnLocked('skip_locked');
    const { affected } = await this.records
      .createQueryBuilder()
      .delete()
      .where(`(topic_partition, topic_offset) in (${oldest.getQuery()})`, { before })
      .execute();
    return affected ?? 0;
  }
}

function narrow(query: SelectQueryBuilder<AuditRecord>, filter: AuditFilter): void {
  const { tenantId, actor, action, from, to, after } = filter;
  if (tenantId !== undefined) query.andWhere('entry.tenantId = :tenantId', { tenantId });
  if (actor !== undefined) query.andWhere('entry.actor = :actor', { actor });
  if (action !== undefined) query.andWhere('entry.action = :action', { action });
  if (from !== undefined) query.andWhere('entry.at >= :from', { from });
  if (to !== undefined) query.andWhere('entry.at < :to', { to });
  if (after === undefined) return;
  const { at, partition, offset } = after;
  // As one comparison of rows, which an index answers.
  query.andWhere('(entry.at, entry.partition, entry.offset) < (:at::timestamptz, :partition::int, :offset::bigint)', {
    at,
    partition,
    offset,
  });
}

function columnsOf({ partition, offset, value }: PlacedEntry): Omit<AuditRecord, 'at' | 'detail'> & Stored {
  const { at, actor, action, tenantId, reason, detail, entryId } = value;
  return {
    partition,
    offset,
    entryId: entryId === undefined ? null : storableText(entryId),
    at: new Date(at),
    actor: storableText(actor),
    action: storableText(action),
    tenantId: tenantId === null ? null : storableText(tenantId),
    reason: reason === null ? null : storableText(reason),
    detail: detail === null ? null : storable(detail),
  };
}

/** The columns that TypeORM's own type for values of an insertion is too narrow for. */
interface Stored {
  at: Date;
  detail: object | null;
}

/** The same detail without what Postgres cannot keep. */
function storable(detail: Record<string, unknown>): object {
  const text = JSON.stringify(detail, (_name, value: unknown) =>
    typeof value === 'string' ? storableText(value) : value,
  );
  return JSON.parse(text) as object;
}
