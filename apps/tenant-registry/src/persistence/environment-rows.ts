import type { ExactEnvironment } from '@relay/contracts';
import type { Tx } from '@relay/database';

export interface EnvironmentRecord {
  /** When the newest listing that was applied, or held, had been asked for. */
  readonly observedAt: string | null;
  readonly credentialId: string | null;
}

/** Reads an environment's row and keeps others out of it until the transaction ends: listings are applied one by one. */
export async function lockEnvironment(tx: Tx, environment: ExactEnvironment): Promise<EnvironmentRecord> {
  await tx.query('insert into environment (environment) values ($1) on conflict do nothing', [environment]);
  const [row] = await tx.query<{ observed_at: Date | null; credential_id: string | null }>(
    'select observed_at, credential_id from environment where environment = $1 for update',
    [environment],
  );
  return { observedAt: row?.observed_at?.toISOString() ?? null, credentialId: row?.credential_id ?? null };
}

export async function noteListing(
  tx: Tx,
  environment: ExactEnvironment,
  observedAt: string,
  practiceCount: number,
): Promise<void> {
  await tx.query('update environment set observed_at = $2, practice_count = $3 where environment = $1', [
    environment,
    observedAt,
    practiceCount,
  ]);
}

export async function noteEnvironmentCredential(
  tx: Tx,
  environment: ExactEnvironment,
  credentialId: string | null,
): Promise<void> {
  await tx.query('update environment set credential_id = $2 where environment = $1', [environment, credentialId]);
}
