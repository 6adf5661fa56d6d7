import type { Tx } from '@relay/database';
import { kidOf } from '@relay/sealing';
import { TOKEN_TABLE } from '../publishing/outbox.js';

/** A token as it is published now. */
export interface PublishedToken {
  readonly credentialId: string;
  readonly scopes: string;
  readonly tenantId: string;
  readonly shard: number;
  /** The key that it is sealed to. */
  readonly kid: string | null;
}

interface Row {
  credential_id: string;
  scopes: string;
  tenant_id: string;
  shard: number;
  sealed: string;
}

const SELECT = `
  select t.credential_id, t.scopes, t.tenant_id, t.shard, p.value ->> 'sealed' as sealed
  from token t join ${TOKEN_TABLE} p on p.row_key = t.credential_id || '#' || t.scopes and p.value is not null`;

/** The published tokens of some shards behind a place, in the order of their keys. */
export async function nextPublished(
  tx: Tx,
  shards: readonly number[],
  after: Pick<PublishedToken, 'credentialId' | 'scopes'> | null,
  limit: number,
): Promise<PublishedToken[]> {
  const rows = await tx.query<Row>(
    `${SELECT} where t.shard = any($1) and (t.credential_id, t.scopes) > ($2, $3)
     order by t.credential_id, t.scopes limit $4`,
    [shards, after?.credentialId ?? '', after?.scopes ?? '', limit],
  );
  return rows.map(read);
}

export async function publishedToken(tx: Tx, credentialId: string, scopes: string): Promise<PublishedToken | null> {
  const rows = await tx.query<Row>(`${SELECT} where t.credential_id = $1 and t.scopes = $2`, [credentialId, scopes]);
  return rows[0] === undefined ? null : read(rows[0]);
}

function read(row: Row): PublishedToken {
  const { credential_id: credentialId, scopes, tenant_id: tenantId, shard, sealed } = row;
  return { credentialId, scopes, tenantId, shard, kid: kidOf(sealed) };
}
