import {
  hookupValueOf,
  partitionOf,
  readHookupMessage,
  topicsOf,
  type AuditValue,
  type CredentialValue,
  type HookupValue,
  type TenantValue,
  type TokenValue,
} from '@relay/contracts';
import { RelayKafka, controlMessage, type KafkaSettings, type Received } from '@relay/kafka';
import { OpeningKeys, SealingKeys } from '@relay/sealing';
import { provetTenant, until, type Keyring, type TestScope } from '@relay/testing';

/** A vendor under test, which is told whom to know. */
export interface KnownVendor {
  readonly host: string;
  readonly clients: Map<string, { secret: string; expiresIn: number }>;
}

/** A tenant with one client. */
export interface TestClient {
  readonly provetId: number;
  readonly clientId: string;
  readonly secret: string;
  readonly tenantId: string;
  readonly credentialId: string;
}

/** Both sides of the broker's topics: writes what the other services would write, remembers what the broker has written. */
export class BrokerTopics {
  readonly credentials = new Map<string, CredentialValue[]>();
  readonly tokens = new Map<string, (TokenValue | null)[]>();
  readonly hookupTombstones = new Set<string>();
  readonly audits: AuditValue[] = [];
  readonly deadLetters: Received<unknown>[] = [];
  private nextId = 100;

  private constructor(
    readonly kafka: RelayKafka,
    private readonly vendor: KnownVendor,
    private readonly keys: Keyring,
  ) {}

  static async open(
    scope: TestScope,
    settings: KafkaSettings,
    vendor: KnownVendor,
    keys: Keyring,
  ): Promise<BrokerTopics> {
    const kafka = new RelayKafka({ service: 'token-broker', settings, topics: topicsOf('token-broker') });
    scope.onTestFinished(() => kafka.close());
    await kafka.topicsReady();
    const topics = new BrokerTopics(kafka, vendor, keys);
    const reader = kafka.tableReader({
      topics: ['credential.v1', 'token.v1', 'hookup.v1', 'audit.v1', 'dead-letter.v1'],
      onBatch: (batch) => {
        for (const message of batch.messages) topics.note(batch.topic, message);
        return Promise.resolve();
      },
    });
    await reader.loaded;
    return topics;
  }

  /** A client that the vendor knows. */
  newClient({ expiresIn = 36_000, clientId = `client-${this.nextId}` } = {}): TestClient {
    const provetId = this.nextId++;
    const secret = `planted-secret-${provetId}`;
    this.vendor.clients.set(clientId, { secret, expiresIn });
    const tenantId = `provet:${this.vendor.host}:${provetId}`;
    return { provetId, clientId, secret, tenantId, credentialId: `${tenantId}/${clientId}` };
  }

  async hookupValue(client: TestClient, over: Record<string, unknown> = {}): Promise<HookupValue> {
    const base = `http://${this.vendor.host}/${client.provetId}/oauth2`;
    const message = {
      provet_id: client.provetId,
      client_id: client.clientId,
      client_secret: client.secret,
      algorithm: null,
      authorization_grant_type: 'client_credentials',
      client_type: 'confidential',
      redirect_uris: '',
      token_url: `${base}/token/`,
      authorize_url: `${base}/authorize/`,
      openid_autodiscovery_url: null,
      ...over,
    };
    const verdict = readHookupMessage(message, { allowHttp: true, hostAllowed: () => true });
    if (verdict.kind !== 'accepted') throw new Error(JSON.stringify(verdict));
    const { tenantId, credentialId, host, clientSecret } = verdict.hookup;
    const context = { topic: 'hookup.v1', tenantId, credentialId, host };
    const seal = SealingKeys.parse(this.keys.CREDENTIAL_PUBLIC_JWKS);
    const sealed = clientSecret === null ? null : await seal.seal(clientSecret, context);
    return hookupValueOf(verdict.hookup, sealed, 'hookup', new Date());
  }

  async sendHookup(value: HookupValue): Promise<void> {
    const { tenantId, credentialId } = value;
    const message = controlMessage(this.kafka.partitions, 'hookup.v1', tenantId, credentialId, value);
    await this.kafka.producer('control').send(message);
  }

  async register(client: TestClient, over: Record<string, unknown> = {}): Promise<void> {
    await this.sendHookup(await this.hookupValue(client, over));
  }

  async invalidate({ tenantId, credentialId }: TestClient, version: number, times = 1): Promise<void> {
    const at = new Date().toISOString();
    const command = { credentialId, scopes: 'restapi', command: 'invalidated', version, at } as const;
    const message = controlMessage(this.kafka.partitions, 'token-command.v1', tenantId, tenantId, command);
    await this.kafka.producer('control').sendMany(Array.from({ length: times }, () => message));
  }

  /** As the registry says that the tenant is withdrawn. Gives the instant. */
  async withdraw({ tenantId }: TestClient, withdrawnAt = new Date()): Promise<string> {
    const changedAt = withdrawnAt.toISOString();
    const value: TenantValue = { ...provetTenant(), tenantId, state: 'withdrawn', version: Date.now(), changedAt };
    const message = controlMessage(this.kafka.partitions, 'tenant.v1', tenantId, tenantId, value);
    await this.kafka.producer('control').send(message);
    return changedAt;
  }

  /** As provet-sync says that it needs the tenant's token no more. */
  async hooksRemoved({ tenantId }: TestClient, withdrawnAt: string): Promise<void> {
    const value = {
      kind: 'hooks',
      tenantId,
      version: Date.now(),
      outcome: 'removed',
      removed: 3,
      reason: null,
      withdrawnAt,
      at: new Date().toISOString(),
    } as const;
    const message = controlMessage(this.kafka.partitions, 'withdrawal.v1', tenantId, `${tenantId}/hooks`, value);
    await this.kafka.producer('control').send(message);
  }

  /** Waits until the broker has handled whatever was sent to the tenant's shard before. */
  async settled(tenantId: string): Promise<void> {
    const partition = partitionOf(tenantId, this.kafka.partitions);
    for (const topic of ['hookup.v1', 'token-command.v1']) {
      const end = (await this.kafka.endOffsets(topic)).get(partition) ?? 0n;
      await until(`${topic} read to its end`, async () => {
        return end === 0n || ((await this.kafka.committedOffsets('token-broker', topic)).get(partition) ?? 0n) >= end;
      });
    }
  }

  /** What was told of a client, oldest first. */
  auditOf({ tenantId }: TestClient): AuditValue[] {
    return this.audits.filter((entry) => entry.tenantId === tenantId);
  }

  lastCredential(credentialId: string): CredentialValue | undefined {
    return this.credentials.get(credentialId)?.at(-1);
  }

  tokensOf({ credentialId }: TestClient): (TokenValue | null)[] {
    return this.tokens.get(`${credentialId}#restapi`) ?? [];
  }

  lastToken(client: TestClient): TokenValue | undefined {
    return this.tokensOf(client).at(-1) ?? undefined;
  }

  /** Waits until the credential is in force and has a token. */
  proven(client: TestClient, timeoutMs = 15_000): Promise<TokenValue> {
    const look = () => {
      const last = this.lastCredential(client.credentialId);
      return last?.health === 'proven' && last.inForce ? this.lastToken(client) : null;
    };
    return until('the credential is proven', look, { timeoutMs });
  }

  /** Opens a token as provet-sync does. */
  openToken({ tenantId, credentialId }: TestClient, value: TokenValue): Promise<string> {
    const context = { topic: 'token.v1', tenantId, credentialId, version: value.version, host: this.vendor.host };
    return OpeningKeys.parse(this.keys.PROVET_TOKEN_PRIVATE_JWKS).open(value.sealed, context);
  }

  private note(topic: string, message: Received<unknown>): void {
    const { key, value } = message;
    if (topic === 'dead-letter.v1') this.deadLetters.push(message);
    else if (topic === 'audit.v1') this.audits.push(value as AuditValue);
    else if (topic === 'token.v1') this.tokens.set(key, [...(this.tokens.get(key) ?? []), value as TokenValue | null]);
    else if (topic === 'credential.v1') {
      this.credentials.set(key, [...(this.credentials.get(key) ?? []), value as CredentialValue]);
    } else if (value === null) this.hookupTombstones.add(key);
  }
}
