import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * One entry of `audit.v1`. Where it lies in the topic is its key, so that a message that comes again changes nothing; an
 * entry that was sent twice is known by `entryId`. Newest first is by `at`, then by place: no two are level.
 */
@Entity({ name: 'audit_entry' })
@Index('audit_entry_at', ['at', 'partition', 'offset'])
@Index('audit_entry_tenant', ['tenantId', 'at', 'partition', 'offset'])
@Index('audit_entry_actor', ['actor', 'at', 'partition', 'offset'])
@Index('audit_entry_action', ['action', 'at', 'partition', 'offset'])
export class AuditRecord {
  @PrimaryColumn({ name: 'topic_partition', type: 'integer' })
  partition!: number;

  /** bigint comes as text. */
  @PrimaryColumn({ name: 'topic_offset', type: 'bigint' })
  offset!: string;

  @Column({ name: 'entry_id', type: 'text', nullable: true, unique: true })
  entryId!: string | null;

  /** To the millisecond, as a cursor says it. */
  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'text' })
  action!: string;

  @Column({ name: 'tenant_id', type: 'text', nullable: true })
  tenantId!: string | null;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  detail!: Record<string, unknown> | null;
}
