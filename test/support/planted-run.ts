import { SERVICES, topicsOf, webhookKey, webhookSigningKey, type ServiceName } from '@relay/contracts';
import { RelayKafka } from '@relay/kafka';
import { startProcess, type Keyring, type ServiceProcess, type TestScope } from '@relay/testing';
import type { OidcVendor } from '../../apps/token-broker/src/test-support/oidc-vendor.js';
import type { Planted } from './planted.js';
import { EXACT_CLIENT, type RelayStack } from './relay-stack.js';

/** Kinds of secrets that a run must have had, for its silence to mean anything. */
export const KINDS = [
  'hookup secret',
  'webhook signing key',
  'webhook URL',
  'client secret',
  'client secret of the consent',
  'EXACT client secret',
  'access_token of Provet',
  'access_token of EXACT',
  'access_token of the consent',
  'refresh_token of the consent',
  'id_token of the consent',
  'authorization code',
  'PKCE verifier',
  'invite',
  'state',
  'nonce',
  'operator token',
  'console session',
  'database password',
  'SASL password',
  'storage key',
  'sealing key of CREDENTIAL_PRIVATE_JWKS',
] as const;

/** The secrets that services are given in their environment. */
export function plantSettings(planted: Planted, keys: Keyring, databasePassword: string): void {
  planted.plant('hookup secret', keys.HOOKUP_SECRET);
  planted.plant('webhook signing key', keys.WEBHOOK_KEYS);
  planted.plant('operator token', keys.OPERATOR_TOKEN);
  planted.plant('EXACT client secret', EXACT_CLIENT.secret);
  planted.plant('database password', databasePassword);
  for (const name of ['CREDENTIAL_PRIVATE_JWKS', 'PROVET_TOKEN_PRIVATE_JWKS', 'EXACT_TOKEN_PRIVATE_JWKS'] as const) {
    planted.plant(`sealing key of ${name}`, keyOf(keys[name], 'd'));
  }
  planted.plant('storage key', keyOf(keys.STORAGE_KEYS_JWKS, 'k'));
}

function keyOf(jwks: string, member: 'd' | 'k'): string | undefined {
  return (JSON.parse(jwks) as { keys: Record<string, string>[] }).keys[0]?.[member];
}

/** The keys of webhook URLs: whoever has one may announce changes of that tenant and trigger. */
export function plantWebhookKeys(planted: Planted, keys: Keyring, tenantId: string): void {
  const key = webhookSigningKey(keys.WEBHOOK_KEYS);
  for (const trigger of Array(120).keys()) planted.plant('webhook URL', webhookKey(key, tenantId, trigger + 1));
  planted.plant('webhook URL', webhookKey(key, tenantId, 'any'));
}

/** From now on every token that a vendor hands out is one to look for. */
export function plantWhatVendorsGive(planted: Planted, relay: RelayStack, vendor: OidcVendor): void {
  const { provet, exact } = relay.simulator;
  const plantTokens = (body: string, from: string) => {
    const answer = JSON.parse(body) as Record<string, unknown>;
    for (const kind of ['access_token', 'refresh_token', 'id_token']) {
      if (typeof answer[kind] === 'string') planted.plant(`${kind} of ${from}`, answer[kind]);
    }
  };
  for (const [from, twin] of [
    ['Provet', provet],
    ['EXACT', exact],
  ] as const) {
    const handle = twin.handle.bind(twin);
    twin.handle = (request) => {
      const reply = handle(request);
      if (/token\/?$/.test(request.url) && reply.kind === 'response') plantTokens(reply.body, from);
      return reply;
    };
  }
  vendor.rewrites.set('/token', (answer) => {
    plantTokens(answer.body, 'the consent');
    return answer;
  });
}

/** Starts every service with settings that are wrong, and that hold a secret each where it does not belong. */
export async function startWithWrongSettings(
  scope: TestScope,
  planted: Planted,
  secretOf: (kind: string) => string,
): Promise<ServiceProcess[]> {
  const names = [
    'HOOKUP_SECRET',
    'WEBHOOK_KEYS',
    'OPERATOR_TOKENS',
    'STORAGE_KEYS_JWKS',
    'CREDENTIAL_PRIVATE_JWKS',
    'PROVET_TOKEN_PRIVATE_JWKS',
    'EXACT_TOKEN_PRIVATE_JWKS',
    'EXACT_CLIENT_SECRET',
    'KAFKA_SASL_PASSWORD',
  ];
  const env: Record<string, string> = { KAFKA_BROKERS: '127.0.0.1:9', TOPIC_PARTITIONS: 'twelve', LOG_LEVEL: 'loud' };
  // Too short, and then with what makes it no address: what is wrong with it must be said without repeating it.
  for (const name of names) env[name] = secretOf(`${name.toLowerCase()} of a wrong start`);
  const password = secretOf('database password of a wrong start');
  env['DATABASE_URL'] = `postgres:/relay:${password}@nowhere`;
  for (const name of names) planted.plant(`${name} of a wrong start`, env[name]);
  planted.plant('DATABASE_URL of a wrong start', password);
  const started: ServiceProcess[] = [];
  for (const service of SERVICES) {
    started.push(await startProcess(scope, { service, env, waitUntilReady: false }));
  }
  return started;
}

/** Starts a service that cannot reach what it needs with the secret it is given, and leaves it to say so. */
export function startInVain(
  scope: TestScope,
  relay: RelayStack,
  service: ServiceName,
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  return startProcess(scope, { service, env: { ...relay.env, ...env }, waitUntilReady: false });
}

/** A registration of a tenant whose manager has to consent; client and redirect address are the caller's. */
export function consentRegistration(relay: RelayStack, vendor: OidcVendor, provetId: number): object {
  const issuer = vendor.issuerOf(provetId);
  return {
    ...relay.simulator.provet.hookup(1),
    provet_id: provetId,
    authorization_grant_type: 'authorization-code',
    token_url: `${issuer}/token`,
    authorize_url: `${issuer}/auth`,
    openid_autodiscovery_url: `${issuer}/.well-known/openid-configuration`,
  };
}

/** Messages with a secret in clear, on the two topics whose dead letters must not repeat what was written. */
export async function writePoison(relay: RelayStack, tenantId: string, poison: string): Promise<void> {
  const client = new RelayKafka({ service: 'gateway', settings: relay.kafka.settings, topics: topicsOf('gateway') });
  try {
    await client.topicsReady();
    const now = new Date().toISOString();
    const registration = { ...relay.simulator.provet.hookup(1), provet_id: 77, client_id: 'p', client_secret: poison };
    const id = relay.tenantId(77);
    const about = { tenantId: id, credentialId: `${id}/p`, host: relay.simulator.host };
    const token = { credentialId: `${tenantId}/x`, scopes: 'restapi', version: 'one', expiresAt: now, sealed: poison };
    const texts: readonly [topic: string, text: string][] = [
      ['hookup.v1', JSON.stringify({ ...about, source: 'hookup', receivedAt: now, registration })],
      ['hookup.v1', `{"client_secret":${JSON.stringify(poison)}`],
      ['token.v1', JSON.stringify(token)],
      ['token.v1', poison],
    ];
    for (const [topic, value] of texts) {
      await client.producer('control').send({ topic, partition: 0, key: `${id}/p`, value });
    }
  } finally {
    await client.close();
  }
}
