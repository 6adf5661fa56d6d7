import type { HookupValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import { kidOf } from '@relay/sealing';
import { openRegistrations } from '../persistence/held-registration-rows.js';

/**
 * Registrations that wait for a decision are sealed to the broker's key of their time. The registry cannot open them, but it
 * knows by `CREDENTIAL_PUBLIC_JWKS` which keys are still in use: one that is missing there is about to be given up, and the
 * registration would be lost once it is approved. Problems in the words of a wrong setting.
 */
export async function missingHeldKeys(database: Tx, kids: readonly string[]): Promise<string[]> {
  const needs = new Map<string, string[]>();
  for (const { holdId, registration } of await openRegistrations(database)) {
    const sealed = (JSON.parse(registration) as HookupValue).registration.client_secret;
    const kid = sealed === null ? null : kidOf(sealed);
    if (kid !== null && !kids.includes(kid)) needs.set(kid, [...(needs.get(kid) ?? []), holdId]);
  }
  return [...needs].map(
    ([kid, holds]) =>
      `CREDENTIAL_PUBLIC_JWKS lacks the key ${kid}, which registrations of open holds are sealed to: ${holds.join(', ')}. ` +
      'Put it back behind the first until they are decided',
  );
}
