import { SERVICES, webhookKey, webhookSigningKey, type ServiceName } from '@relay/contracts';
import type { Keyring, TestScope } from '@relay/testing';
import { startProcess, type ServiceProcess } from '@relay/testing';
import type { OidcVendor } from '../../apps/token-broker/src/test-support/oidc-vendor.js';
import type { Planted } from './planted.js';
import { EXACT_CLIENT, type RelayStack } from './relay-stack.js';

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
  for (const trigger of [...Array(120).keys()]) planted.plant('webhook URL', webhookKey(key, tenantId, trigger + 1));
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
