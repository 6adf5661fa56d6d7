import type { HookupValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import { unreadMessages, type UnreadHost } from '@relay/kafka';
import { kidOf, type OpeningKeys, type StorageKeys } from '@relay/sealing';
import { ConfigError } from '@relay/service-kit';
import { ENCRYPTED_COLUMNS, countByKid, nameOf } from '../persistence/encrypted-columns.js';

/** What the broker still has to open, held against the keys that it was given. Problems in the words of a wrong setting. */
export async function missingStorageKeys(database: Tx, storage: Pick<StorageKeys, 'kids'>): Promise<string[]> {
  const needs = new Map<string, string[]>();
  for (const column of ENCRYPTED_COLUMNS) {
    for (const [kid, count] of await countByKid(database, column)) {
      if (!storage.kids.includes(kid)) needs.set(kid, [...(needs.get(kid) ?? []), `${nameOf(column)} (${count})`]);
    }
  }
  return [...needs].map(
    ([kid, by]) =>
      `STORAGE_KEYS_JWKS lacks the key ${kid}, which the database still needs: ${by.join(', ')}. ${PUT_BACK}`,
  );
}

export async function missingCredentialKeys(kafka: UnreadHost, opening: Pick<OpeningKeys, 'kids'>): Promise<string[]> {
  const needs = new Map<string, string[]>();
  for (const { value } of await unreadMessages(kafka, 'token-broker', 'hookup.v1')) {
    const { tenantId, registration } = value as HookupValue;
    const kid = registration.client_secret === null ? null : kidOf(registration.client_secret);
    if (kid !== null && !opening.kids.includes(kid)) needs.set(kid, [...(needs.get(kid) ?? []), tenantId]);
  }
  return [...needs].map(
    ([kid, tenants]) =>
      `CREDENTIAL_PRIVATE_JWKS lacks the key ${kid}, which registrations in hookup.v1 still need: ${listed(tenants)}. ${PUT_BACK}`,
  );
}

/** Throws what ends the process with 78. */
export function refuseOver(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(problems);
}

const PUT_BACK = 'Put it back behind the first; `npm run keys -- status` says when it may go';
const MOST_NAMED = 5;

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
