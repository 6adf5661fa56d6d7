import { EXACT_ENVIRONMENTS, exactEnvironmentId, type CredentialValue, type ExactEnvironment } from '@relay/contracts';
import { observed, type ChangeSet } from '../changes/change-set.js';
import { credentialsOf, forgetCredential, noteCredential } from '../persistence/credential-rows.js';
import { lockEnvironment, noteEnvironmentCredential } from '../persistence/environment-rows.js';
import { findTenant, tenantsOfEnvironment } from '../persistence/tenant-rows.js';
import { noteInvalidSince } from '../persistence/uninstalled-rows.js';
import { worthOf } from './credential-worth.js';
import { evaluateCredentials } from './evaluate-credentials.js';

/** Takes in what the token-broker says of a credential. Null: it is gone, which by itself changes nobody's state. */
export async function applyCredential(
  set: ChangeSet,
  credentialId: string,
  value: CredentialValue | null,
): Promise<void> {
  if (value === null) return forgetCredential(set.tx, credentialId);
  if (!(await noteCredential(set.tx, value))) return;
  await noteInvalidSince(set.tx, value);
  const environment = EXACT_ENVIRONMENTS.find((one) => exactEnvironmentId(one) === value.tenantId);
  if (environment !== undefined) return applyEnvironmentCredential(set, environment);
  const record = await findTenant(set.tx, value.tenantId);
  // Not registered here yet: what was noted counts as soon as the registration arrives.
  if (record !== null) await evaluateCredentials(set, record);
}

/**
 * One client serves all practices of an EXACT environment. Which one is told to each practice; what it is worth changes no
 * practice's state: without a token no call is made anyway, and a wrong setting of ours must not suspend everybody.
 */
async function applyEnvironmentCredential(set: ChangeSet, environment: ExactEnvironment): Promise<void> {
  const { credentialId } = await lockEnvironment(set.tx, environment);
  const { inForce } = worthOf(await credentialsOf(set.tx, exactEnvironmentId(environment)));
  if (inForce === credentialId) return;
  await noteEnvironmentCredential(set.tx, environment, inForce);
  for (const record of await tenantsOfEnvironment(set.tx, environment)) {
    if (record.life.facts.presence !== 'here' || record.credentialId === inForce) continue;
    await set.save(record, { ...record, credentialId: inForce }, observed('credential-changed'));
  }
}
