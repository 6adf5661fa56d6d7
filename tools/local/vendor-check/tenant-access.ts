import { parseTenantId, type TenantValue, type TokenValue } from '#contracts';
import { RelayKafka, type KafkaSettings } from '#kafka';
import { OpeningKeys } from '#sealing';
import { setTimeout as delay } from 'node:timers/promises';
import { StopWithMessage } from '../stop-with-message.ts';
import { Unreachable } from './check-calls.ts';

export interface OpenToken {
  readonly text: string;
  /** The scope set that it is for. */
  readonly scopes: string;
  readonly expiresAt: number;
  readonly publishedAt: number;
}

/** A tenant as the relay knows it, and tokens that it may be read with. */
export interface TenantAccess {
  readonly tenant: TenantValue;
  /** The one of the scope set that was asked for. */
  readonly token: OpenToken;
  /** All of them. */
  readonly tokens: readonly OpenToken[];
}

export interface AccessQuestion {
  readonly settings: KafkaSettings;
  /** Whose key opens the tokens. */
  readonly service: 'provet-sync' | 'exact-sync';
  /** Whose tokens they are: the tenant's, or its environment's (`exact:qa`). */
  readonly owner: string;
  readonly privateJwks: string;
  /** The setting that holds them. */
  readonly keysName: string;
  readonly scopes: string;
}

/** Two tables of a few thousand rows are read in a second or two; a broker that starts may take longer. */
const LOAD_TIMEOUT_MS = 30_000;

interface Found {
  tenant: TenantValue | null;
  readonly tokens: { readonly value: TokenValue; readonly publishedAt: number }[];
}

/**
 * Reads `tenant.v1` and `token.v1` and opens the tenant's tokens with the connector's key. Neither a secret nor the vendor's token
 * endpoint is touched: those are token-broker's.
 */
export async function accessTo(tenantId: string, question: AccessQuestion): Promise<TenantAccess> {
  const found = await readTables(tenantId, question);
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
  const mine = found.tokens.filter(({ value }) => value.credentialId === tenant.credentialId);
  const tokens = await Promise.all(mine.map((token) => opened(tenantId, token, question)));
  const token = tokens.find(({ scopes }) => scopes === question.scopes);
  if (token === undefined) throw new Unreachable('token-broker has published no token for it');
  return { tenant, token, tokens };
}

async function opened(
  tenantId: string,
  { value, publishedAt }: Found['tokens'][number],
  { owner, privateJwks, keysName, service }: AccessQuestion,
): Promise<OpenToken> {
  const { credentialId, version, sealed, scopes } = value;
  const ref = parseTenantId(tenantId);
  const host = ref?.vendor === 'provet' ? { host: ref.host } : {};
  const context = { topic: 'token.v1', tenantId: owner, credentialId, version, ...host };
  try {
    const text = await OpeningKeys.parse(privateJwks).open(sealed, context);
    return { text, scopes, expiresAt: Date.parse(value.expiresAt), publishedAt };
  } catch {
    throw new StopWithMessage(
      'wrong-key',
      `${keysName} does not open the tenant’s token: give the key set that ${service} has.`,
    );
  }
}

async function readTables(tenantId: string, { settings, service, owner }: AccessQuestion): Promise<Found> {
  const kafka = new RelayKafka({ service, settings, topics: [] });
  const found: Found = { tenant: null, tokens: [] };
  const reader = kafka.tableReader({
    topics: ['tenant.v1', 'token.v1'],
    onBatch({ topic, messages }) {
      for (const { key, value, timestamp } of messages) {
        if (topic === 'tenant.v1' && key === tenantId) found.tenant = value as TenantValue | null;
        if (topic === 'token.v1' && key.startsWith(`${owner}/`))
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
