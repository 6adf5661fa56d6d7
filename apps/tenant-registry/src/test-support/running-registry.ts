import {
  credentialIdOf,
  topicsOf,
  type ControlTopic,
  type ControlValue,
  type HookupValue,
  type TenantValue,
} from '@relay/contracts';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import {
  keyring,
  operatorToken,
  relayEnvironment,
  testDatabase,
  testKafka,
  until,
  type TestScope,
} from '@relay/testing';
import { settings } from '../config.js';
import { tenantRegistry } from '../service.js';

export const HOST = '127.0.0.1:9999';
/** Stands in every registration that an operator sends; must turn up nowhere in clear. */
export const CLIENT_SECRET = 'very-secret-words';

type Seen = { readonly key: string; readonly value: unknown };

/** A registry in this process on real servers, with everything that a test sends to it and sees of it. */
export class RunningRegistry {
  readonly keys = keyring();
  readonly operators = {
    viewer: operatorToken('viewer'),
    operator: operatorToken('operator'),
    admin: operatorToken('admin'),
  };
  /** What it has logged. */
  readonly lines: string[] = [];
  private readonly messages = new Map<string, readonly Seen[]>();
  private version = 1;
  kafka: RelayKafka;
  app: NestFastifyApplication;
  base: string;

  static async start(scope: TestScope, env: Readonly<Record<string, string>> = {}): Promise<RunningRegistry> {
    const registry = new RunningRegistry();
    await registry.open(scope, env);
    return registry;
  }

  private async open(scope: TestScope, more: Readonly<Record<string, string>>): Promise<void> {
    const topics = await testKafka(scope);
    const { url } = await testDatabase(scope, 'tenant-registry');
    const env = {
      ...relayEnvironment({
        kafka: topics,
        databaseUrl: url,
        keyring: this.keys,
        publicUrl: 'http://relay.test',
        provetHost: HOST,
      }),
      OPERATOR_TOKENS: Object.values(this.operators)
        .map((one) => one.entry)
        .join(','),
      PORT: '0',
      ...more,
    };
    const config = readConfig(settings, { env });
    const write = (line: string): void => void this.lines.push(line);
    const log = Log.create({ service: 'tenant-registry', level: 'debug', format: 'json', write });
    const health = new Health();
    const app = await buildApp(tenantRegistry, config, { config, log, health, metrics: new Metrics() });
    this.app = app;
    scope.onTestFinished(() => app.close());
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    this.base = await app.getUrl();
    const topicSpecs = topicsOf('tenant-registry');
    this.kafka = new RelayKafka({ service: 'tenant-registry', settings: topics.settings, topics: topicSpecs });
    scope.onTestFinished(() => this.kafka.close());
    await this.watch();
    await until('the registry is ready', async () => {
      const { status, checks } = await health.ready();
      if (status === 'down') throw new Error(JSON.stringify(checks));
      return true;
    });
  }

  private async watch(): Promise<void> {
    const reader = this.kafka.tableReader({
      topics: ['tenant.v1', 'hookup.v1', 'audit.v1'],
      onBatch: ({ topic, messages }) => {
        this.messages.set(topic, [...this.seen(topic), ...messages.map(({ key, value }) => ({ key, value }))]);
      },
    });
    await reader.loaded;
  }

  seen(topic: string): readonly Seen[] {
    return this.messages.get(topic) ?? [];
  }

  /** All that was published of a tenant, and the last of it. */
  history(tenantId: string): TenantValue[] {
    return this.seen('tenant.v1')
      .filter(({ key }) => key === tenantId)
      .map(({ value }) => value as TenantValue);
  }

  published(tenantId: string): TenantValue | undefined {
    return this.history(tenantId).at(-1);
  }

  async send<T extends ControlTopic>(
    topic: T,
    tenantId: string,
    key: string,
    value: ControlValue<T> | null,
  ): Promise<void> {
    await this.kafka.producer('control').send(controlMessage(this.kafka.partitions, topic, tenantId, key, value));
  }

  /** Waits until the registry has handled everything that lies in the topic now. */
  async consumed(topic: ControlTopic): Promise<void> {
    const ends = [...(await this.kafka.endOffsets(topic))].filter(([, end]) => end > 0n);
    await until(`${topic} is consumed`, async () => {
      const done = await this.kafka.committedOffsets('tenant-registry', topic);
      return ends.every(([partition, end]) => (done.get(partition) ?? 0n) >= end);
    });
  }

  ask(path: string, init: RequestInit = {}, token = this.operators.admin.token): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`${this.base}${path}`, { ...init, headers });
  }

  post(path: string, body: unknown, token?: string): Promise<Response> {
    return this.ask(path, { method: 'POST', body: JSON.stringify(body) }, token);
  }

  async get<T = TenantValue>(tenantId: string): Promise<T> {
    return (await (await this.ask(at(tenantId))).json()) as T;
  }

  async stateOf(tenantId: string): Promise<string> {
    const { state, reason } = await this.get(tenantId);
    return reason === null ? state : `${state}: ${reason}`;
  }

  async becomes(tenantId: string, state: string): Promise<void> {
    await until(`${tenantId} is ${state}`, async () => (await this.stateOf(tenantId)) === state);
  }

  /** As the gateway sends it. Gives the tenant id. */
  async hookup(
    provetId: number,
    clientId = 'c-1',
    receivedAt = new Date(),
    over: Record<string, unknown> = {},
  ): Promise<string> {
    const tenantId = `provet:${HOST}:${provetId}`;
    const credentialId = credentialIdOf(tenantId, clientId);
    const registration = {
      ...hookupOf(provetId, clientId),
      client_secret: 'sealed',
      ...over,
    } as HookupValue['registration'];
    await this.send('hookup.v1', tenantId, credentialId, {
      tenantId,
      credentialId,
      host: HOST,
      source: 'hookup',
      registration,
      receivedAt: receivedAt.toISOString(),
    });
    return tenantId;
  }

  /** As the token-broker sends it. */
  async credential(
    tenantId: string,
    health: 'proven' | 'rejected' | 'awaiting-consent',
    {
      clientId = 'c-1',
      inForce = health === 'proven',
      consentedBy,
    }: { clientId?: string; inForce?: boolean; consentedBy?: string | undefined } = {},
  ): Promise<void> {
    const credentialId = credentialIdOf(tenantId, clientId);
    await this.send('credential.v1', tenantId, credentialId, {
      credentialId,
      tenantId,
      health,
      inForce,
      version: ++this.version,
      checkedAt: new Date().toISOString(),
      expiresAt: null,
      code: null,
      ...(consentedBy === undefined ? {} : { consentedBy }),
    });
  }
}

/** The path of a tenant in the admin API. */
export function at(tenantId: string): string {
  return `/tenants/${encodeURIComponent(tenantId)}`;
}

/** A registration as the vendor sends it. */
export function hookupOf(provetId: number, clientId = 'c-1'): Record<string, unknown> {
  const oauth = `http://${HOST}/${provetId}/oauth2`;
  return {
    provet_id: provetId,
    client_id: clientId,
    client_secret: CLIENT_SECRET,
    algorithm: null,
    authorization_grant_type: 'client-credentials',
    client_type: 'confidential',
    redirect_uris: '',
    token_url: `${oauth}/token/`,
    authorize_url: `${oauth}/authorize/`,
    openid_autodiscovery_url: null,
  };
}
