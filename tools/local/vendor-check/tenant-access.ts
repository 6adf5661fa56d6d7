import { parseTenantId, type TenantValue, type TokenValue } from '#contracts';
import { RelayKafka, type KafkaSettings } from '#kafka';
import { OpeningKeys } from '#sealing';
import { setTimeout as delay } from 'node:timers/promises';
import { StopWithMessage } from '../stop-with-message.ts';
import { Unreachable } from './check-calls.ts';

/** A tenant as the relay knows it, and a token of it. */
export interface TenantAccess {
  readonly tenant: TenantValue;
  readonly token: { readonly text: string; readonly expiresAt: number; readonly publishedAt: number };
}

/** Two tables of a few thousand rows are read in a second or two; a broker that starts may take longer. */
const LOAD_TIMEOUT_MS = 30_000;

interface Found {
  tenant: TenantValue | null;
  readonly tokens: { readonly value: TokenValue; readonly publishedAt: number }[];
}

/**
 * Reads `tenant.v1` and `token.v1` and opens the tenant's token with the connector's key. Neither a secret nor the vendor's token
 * endpoint is touched: those are token-broker's.
 */
export async function accessTo(
  tenantId: string,
  settings: KafkaSettings,
  privateJwks: string,
  scopes: string,
): Promise<TenantAccess> {
  const found = await readTables(tenantId, settings);
  const { tenant } = found;
  if (tenant === null)
    throw new StopWithMessage(
      'no-such-tenant',
      `${tenantId} is not a tenant of this relay: \`GET /tenants\` lists them.`,
    );
  if (tenant.state !== 'active') {
    const reason = tenant.reason === null ? '' : ` (${tenant.reason})`;
    throw new Unreachable(`it is ${tenant.state}${reason}, and only active tenants are called`);
  }
  const token = found.tokens.find(({ value }) => value.credentialId === tenant.credentialId && value.scopes === scopes);
  if (token === undefined) throw new Unreachable('token-broker has published no token for it');
  const { credentialId, version, sealed } = token.value;
  const ref = parseTenantId(tenantId);
  const host = ref?.vendor === 'provet' ? { host: ref.host } : {};
  try {
    const text = await OpeningKeys.parse(privateJwks).open(sealed, {
      topic: 'token.v1',
      tenantId,
      credentialId,
      version,
      ...host,
    });
    return { tenant, token: { text, expiresAt: Date.parse(token.value.expiresAt), publishedAt: token.publishedAt } };
  } catch {
    throw new StopWithMessage(
      'wrong-key',
      'PROVET_TOKEN_PRIVATE_JWKS does not open the tenant’s token: give the key set that provet-sync has.',
    );
  }
}

async function readTables(tenantId: string, settings: KafkaSettings): Promise<Found> {
  const kafka = new RelayKafka({ service: 'provet-sync', settings, topics: [] });
  const found: Found = { tenant: null, tokens: [] };
  const reader = kafka.tableReader({
    topics: ['tenant.v1', 'token.v1'],
    onBatch({ topic, messages }) {
      for (const { key, value, timestamp } of messages) {
        if (topic === 'tenant.v1' && key === tenantId) found.tenant = value as TenantValue | null;
        if (topic === 'token.v1' && key.startsWith(`${tenantId}/`))
          takeToken(found, key, value as TokenValue | null, timestamp);
      }
    },
  });
  try {
    const loaded = reader.loaded.then(() => true);
    if (await Promise.race([loaded, delay(LOAD_TIMEOUT_MS, false, { ref: false })])) return found;
    throw new StopWithMessage(
      'no-kafka',
      `Kafka (${settings.kafkaBrokers.join(', ')}) did not give tenant.v1 and token.v1 within ${LOAD_TIMEOUT_MS / 1000} s. Is the relay running, and TOPIC_PREFIX right?`,
    );
  } finally {
    await Promise.race([reader.close().then(() => kafka.close()), delay(3_000, undefined, { ref: false })]);
  }
}

/** Keeps the newest version of a key; a version that was sent again keeps the time at which it came first. */
function takeToken({ tokens }: Found, key: string, value: TokenValue | null, publishedAt: number): void {
  const at = tokens.findIndex((held) => `${held.value.credentialId}#${held.value.scopes}` === key);
  const held = tokens[at];
  if (value === null) {
    if (at >= 0) tokens.splice(at, 1);
  } else if (held === undefined) tokens.push({ value, publishedAt });
  else if (value.version > held.value.version) tokens[at] = { value, publishedAt };
}
