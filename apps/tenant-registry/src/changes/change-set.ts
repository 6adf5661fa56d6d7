import { writeAudit } from '@relay/audit';
import type { AuditValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import { nextVersion } from '@relay/state-topic';
import { advance, type Advance, type LifeEvent } from '../lifecycle/advance.js';
import { insertTenant, updateTenant } from '../persistence/tenant-rows.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import type { TenantOutbox } from '../publishing/tenant-outbox.js';
import { TenantMovedOn } from './tenant-moved-on.js';

/** Who acts, what they do, and why: the words of the audit entry. */
export interface Note {
  readonly actor: string;
  readonly action: string;
  readonly reason: string | null;
  readonly detail?: Record<string, unknown>;
}

/** The actor of everything that follows from what was observed. */
export const REGISTRY_ACTOR = 'service:tenant-registry';

export function observed(action: string, reason: string | null = null): Note {
  return { actor: REGISTRY_ACTOR, action, reason };
}

/**
 * The changes of one transaction. A tenant's row, what is published of it and the audit entry are written together, so
 * none of them can be there without the others.
 */
export class ChangeSet {
  readonly saved: TenantRecord[] = [];
  readonly audited: AuditValue[] = [];
  readonly now: string;

  constructor(
    readonly tx: Tx,
    private readonly outbox: TenantOutbox,
    now: number,
    /** Where the vendor sends a person's browser back to after consent. */
    readonly callbackUrl: string,
  ) {
    this.now = new Date(now).toISOString();
  }

  /** Stores a tenant that was not known before. */
  async create(record: TenantRecord, note: Note): Promise<TenantRecord> {
    const stored = await this.stamp(record);
    if (!(await insertTenant(this.tx, stored))) throw new TenantMovedOn(record.tenantId);
    return this.note(stored, null, note);
  }

  /** Stores a tenant over the version that it was read at. Throws {@link TenantMovedOn} when that is no longer the newest. */
  async save(before: TenantRecord, after: TenantRecord, note: Note): Promise<TenantRecord> {
    const stored = await this.stamp(after);
    if (!(await updateTenant(this.tx, stored, before.version))) throw new TenantMovedOn(before.tenantId);
    return this.note(stored, before, note);
  }

  /** Lets an event happen to a tenant, together with other changes of its row. Saves only what differs. */
  async advance(
    before: TenantRecord,
    event: LifeEvent,
    note: Note,
    others: Partial<TenantRecord> = {},
  ): Promise<Advance & { record: TenantRecord }> {
    const next = advance(before.life, event, this.now);
    if (!next.ok) return { ...next, record: before };
    const after = { ...before, ...others, life: next.life };
    if (!next.changed && sameMembers(before, others)) return { ...next, record: before };
    return { ...next, record: await this.save(before, after, note) };
  }

  /** Writes an audit entry about something else than a tenant's row. */
  async audit(note: Note, about: { tenantId: string | null; detail: Record<string, unknown> | null }): Promise<void> {
    const value: AuditValue = {
      at: this.now,
      actor: note.actor,
      action: note.action,
      tenantId: about.tenantId,
      reason: note.reason,
      detail: about.detail,
    };
    await writeAudit(this.tx, value);
    this.audited.push(value);
  }

  private async stamp(record: TenantRecord): Promise<TenantRecord> {
    const published = await this.outbox.versionOf(this.tx, record.tenantId);
    const version = nextVersion(Math.max(record.version, published), Date.parse(this.now));
    return { ...record, version, changedAt: this.now };
  }

  private async note(stored: TenantRecord, before: TenantRecord | null, note: Note): Promise<TenantRecord> {
    await this.outbox.put(this.tx, stored);
    const from = before === null ? null : before.life.state;
    const moved = before === null || from !== stored.life.state || before.life.reason !== stored.life.reason;
    const detail = {
      ...note.detail,
      version: stored.version,
      ...(moved ? { from, state: stored.life.state, stateReason: stored.life.reason } : {}),
    };
    await this.audit(note, { tenantId: stored.tenantId, detail });
    this.saved.push(stored);
    return stored;
  }
}

function sameMembers(record: TenantRecord, others: Partial<TenantRecord>): boolean {
  return (Object.keys(others) as (keyof TenantRecord)[]).every(
    (name) => JSON.stringify(others[name]) === JSON.stringify(record[name]),
  );
}
