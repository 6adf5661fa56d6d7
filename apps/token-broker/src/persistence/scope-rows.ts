import type { Capabilities } from '@relay/contracts';
import type { Tx } from '@relay/database';
import { oneRow } from './connection-rows.js';

/** How the search for the scopes of an EXACT client stands. */
export interface ScopeSearch {
  readonly credentialId: string;
  readonly tenantId: string;
  /** What was published; null: nothing yet. */
  readonly known: Capabilities | null;
  /** What the last probe has found and what is not published yet, since scope sets still lack a token. */
  readonly found: Capabilities | null;
  /** When probes of the last hour have begun. */
  readonly probes: readonly number[];
  /** When the next probe is wanted. */
  readonly probeAt: number;
  /** Failures in a row. */
  readonly attempts: number;
  /** Null: its credential is not in force. */
  readonly dueAt: number | null;
}

type Changes = Partial<Pick<ScopeSearch, 'known' | 'found' | 'probes' | 'probeAt' | 'attempts' | 'dueAt'>>;

interface Row {
  credential_id: string;
  tenant_id: string;
  known: Capabilities | null;
  found: Capabilities | null;
  probes: number[];
  probe_at: string;
  attempts: number;
  due_at: string | null;
}

export class ScopeRows {
  async find(tx: Tx, credentialId: string): Promise<ScopeSearch | null> {
    const row = await oneRow<Row>(tx, 'select * from exact_scopes where credential_id = $1', [credentialId]);
    if (row === null) return null;
    return {
      credentialId: row.credential_id,
      tenantId: row.tenant_id,
      known: row.known,
      found: row.found,
      probes: row.probes,
      probeAt: Number(row.probe_at),
      attempts: row.attempts,
      dueAt: row.due_at === null ? null : Number(row.due_at),
    };
  }

  /** Has the scopes of a client probed now, whatever is known of them. */
  async wish(
    tx: Tx,
    { credentialId, tenantId }: { readonly credentialId: string; readonly tenantId: string },
    shard: number,
    now: number,
  ): Promise<void> {
    await tx.query(
      `insert into exact_scopes as s (credential_id, tenant_id, shard, probe_at, due_at) values ($1, $2, $3, $4, $4)
       on conflict (credential_id) do update
         set shard = $3, found = null, attempts = 0, probe_at = $4, due_at = $4`,
      [credentialId, tenantId, shard, now],
    );
  }

  /** The same for one that was probed before. */
  async wishAgain(tx: Tx, credentialId: string, now: number): Promise<void> {
    await tx.query(
      `update exact_scopes set found = null, attempts = 0, probe_at = $2, due_at = $2
       where credential_id = $1 and due_at is not null`,
      [credentialId, now],
    );
  }

  /** Keeps what was found out about a client that is not in force. */
  async note(
    tx: Tx,
    { credentialId, tenantId }: { readonly credentialId: string; readonly tenantId: string },
    shard: number,
    known: Capabilities,
  ): Promise<void> {
    await tx.query(
      `insert into exact_scopes as s (credential_id, tenant_id, shard, known, probe_at) values ($1, $2, $3, $4, 0)
       on conflict (credential_id) do update set known = $4`,
      [credentialId, tenantId, shard, JSON.stringify(known)],
    );
  }

  async setState(tx: Tx, search: ScopeSearch, changes: Changes): Promise<void> {
    const next = { ...search, ...changes };
    const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
    await tx.query(
      `update exact_scopes set known = $2, found = $3, probes = $4, probe_at = $5, attempts = $6, due_at = $7
       where credential_id = $1`,
      [
        next.credentialId,
        json(next.known),
        json(next.found),
        json(next.probes),
        next.probeAt,
        next.attempts,
        next.dueAt,
      ],
    );
  }
}
