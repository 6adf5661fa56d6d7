import {
  exactEnvironmentId,
  exactScopeSet,
  exactTenantId,
  type ControlTopic,
  type ControlValue,
  type ExactResource,
  type TenantValue,
} from '#contracts';
import { controlMessage, type RelayKafka } from '#kafka';
import { SealingKeys } from '#sealing';
import { forSome } from './sync-world.ts';

const ENVIRONMENT = 'qa';
const OWNER = exactEnvironmentId(ENVIRONMENT);

export interface PracticeSeed {
  readonly practiceIds: readonly string[];
  readonly resources: readonly ExactResource[];
  readonly granted: readonly string[];
  /** Of exact-sync. */
  readonly publicJwks: string;
  readonly exactUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
}

/**
 * Makes the simulator's practices active without registry and broker: their state, the tokens and what is granted are written
 * to the topics as those two would have written them, so that the bench measures the sync alone.
 */
export async function seedPractices(kafka: RelayKafka, seed: PracticeSeed): Promise<void> {
  const send = <T extends ControlTopic>(topic: T, owner: string, key: string, value: ControlValue<T>) =>
    kafka.producer('control').send(controlMessage(kafka.partitions, topic, owner, key, value));
  const keys = SealingKeys.parse(seed.publicJwks);
  const credentialId = `${OWNER}/${seed.client.id}`;
  const version = Date.now();
  const expiresAt = new Date(version + 36_000_000).toISOString();
  const sets = seed.resources.map((resource) => exactScopeSet(resource, seed.granted));
  for (const scopes of new Set(sets.flatMap((set) => (set.kind === 'granted' ? [set.scopes] : [])))) {
    const context = { topic: 'token.v1', tenantId: OWNER, credentialId, version };
    const sealed = await keys.seal(await tokenOf(seed, scopes), context);
    await send('token.v1', OWNER, `${credentialId}#${scopes}`, { credentialId, scopes, version, expiresAt, sealed });
  }
  await send('credential.v1', OWNER, credentialId, {
    credentialId,
    tenantId: OWNER,
    health: 'proven',
    inForce: true,
    version,
    checkedAt: new Date(version).toISOString(),
    expiresAt: null,
    code: null,
    capabilities: { granted: [...seed.granted], missing: [] },
  });
  await forSome(seed.practiceIds, (practiceId) => {
    const tenant = active(practiceId, credentialId);
    return send('tenant.v1', tenant.tenantId, tenant.tenantId, tenant);
  });
}

export const practiceTenantId = (practiceId: string): string => exactTenantId(ENVIRONMENT, practiceId);

function active(practiceId: string, credentialId: string): TenantValue {
  return {
    tenantId: practiceTenantId(practiceId),
    vendor: 'exact',
    state: 'active',
    reason: null,
    version: Date.now(),
    host: null,
    scheme: null,
    provetId: null,
    environment: ENVIRONMENT,
    practiceId,
    grant: 'client_credentials',
    credentialId,
    externalId: null,
    displayName: null,
    changedAt: new Date().toISOString(),
  };
}

async function tokenOf({ exactUrl, client }: PracticeSeed, scopes: string): Promise<string> {
  const response = await fetch(`${exactUrl}/connect/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes }),
  });
  if (!response.ok) throw new Error(`the simulator answered ${response.status} to a token request`);
  return ((await response.json()) as { access_token: string }).access_token;
}
