import { credentialIdOf, provetTenantId, type TenantValue } from '#contracts';
import { controlMessage, type RelayKafka } from '#kafka';
import { SealingKeys } from '#sealing';

/** Tenants that are seeded at a time. */
const AT_ONCE = 16;

export interface BenchTenant {
  readonly provetId: number;
  readonly tenantId: string;
}

interface Registration {
  readonly client_id: string;
  readonly client_secret: string;
  readonly token_url: string;
}

/**
 * Makes the simulator's tenants active without registry and broker: their state and their tokens are written to the topics as
 * those two would have written them, so that the bench measures the sync alone.
 */
export async function seedTenants(
  kafka: RelayKafka,
  simulator: string,
  provetIds: readonly number[],
  publicJwks: string,
): Promise<BenchTenant[]> {
  const keys = SealingKeys.parse(publicJwks);
  const seeded: BenchTenant[] = [];
  for (let from = 0; from < provetIds.length; from += AT_ONCE) {
    const some = provetIds.slice(from, from + AT_ONCE);
    seeded.push(...(await Promise.all(some.map((provetId) => seedTenant(kafka, simulator, provetId, keys)))));
  }
  return seeded;
}

async function seedTenant(
  kafka: RelayKafka,
  simulator: string,
  provetId: number,
  keys: SealingKeys,
): Promise<BenchTenant> {
  const host = new URL(simulator).host;
  const tenantId = provetTenantId(host, provetId);
  const registration = await registrationOf(simulator, provetId);
  const credentialId = credentialIdOf(tenantId, registration.client_id);
  const version = Date.now();
  const context = { topic: 'token.v1', tenantId, credentialId, version, host };
  const sealed = await keys.seal(await tokenOf(registration), context);
  const expiresAt = new Date(version + 36_000_000).toISOString();
  const token = { credentialId, scopes: 'restapi', version, expiresAt, sealed };
  const tenant = active(tenantId, host, provetId, credentialId);
  const producer = kafka.producer('control');
  await Promise.all([
    producer.send(controlMessage(kafka.partitions, 'token.v1', tenantId, `${credentialId}#restapi`, token)),
    producer.send(controlMessage(kafka.partitions, 'tenant.v1', tenantId, tenantId, tenant)),
  ]);
  return { provetId, tenantId };
}

function active(tenantId: string, host: string, provetId: number, credentialId: string): TenantValue {
  return {
    tenantId,
    vendor: 'provet',
    state: 'active',
    reason: null,
    version: Date.now(),
    host,
    scheme: 'http',
    provetId,
    environment: null,
    practiceId: null,
    grant: 'client_credentials',
    credentialId,
    externalId: null,
    displayName: null,
    changedAt: new Date().toISOString(),
  };
}

async function registrationOf(simulator: string, provetId: number): Promise<Registration> {
  const response = await fetch(`${simulator}/_control/provet/tenants/${provetId}/hookup`);
  if (!response.ok) throw new Error(`the simulator answered ${response.status} to a question for a registration`);
  return (await response.json()) as Registration;
}

async function tokenOf({ client_id, client_secret, token_url }: Registration): Promise<string> {
  const response = await fetch(token_url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  if (!response.ok) throw new Error(`the simulator answered ${response.status} to a token request`);
  return ((await response.json()) as { access_token: string }).access_token;
}
