import type { ServiceName, TenantValue } from '@relay/contracts';
import { exactTenantId, webhookSigningKey, webhookUrl } from '@relay/contracts';
import {
  freePort,
  keyring,
  relayEnvironment,
  startProcess,
  testDatabase,
  testKafka,
  until,
  type Keyring,
  type ServiceProcess,
  type TestKafka,
  type TestScope,
} from '@relay/testing';
import { resolve } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../apps/vendor-simulator/src/start.js';

export interface StackOptions {
  readonly services?: readonly ServiceName[];
  readonly env?: Readonly<Record<string, string>>;
  /** EXACT on, with the simulator's environment `qa`. Default false. */
  readonly exact?: boolean;
  readonly simulator?: SimulatorOptions;
  readonly partitions?: number;
  /** Instead of fresh secrets. */
  readonly keys?: Partial<Keyring>;
  /** Instead of a database of its own. */
  readonly databaseUrl?: string;
}

/** Arms the fault points that FAULT_POINTS names. */
const ARM = resolve(import.meta.dirname, '..', '..', 'tools', 'faults', 'arm.mjs');

export interface DeathOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** How long the step stands still before the process dies. */
  readonly standsStillMs?: number;
  /** What is begun once the service is ready; by then it may have died of what it found at its start. */
  readonly meanwhile?: () => void;
}

export interface TenantAnswer extends TenantValue {
  readonly detail?: unknown;
}

/** The integrator's client at the EXACT twin. */
export const EXACT_CLIENT = { clientId: 'relay-under-test', secret: 'exact-secret-under-test' };
const ALL: readonly ServiceName[] = ['tenant-registry', 'token-broker', 'gateway', 'provet-sync'];

/** A relay of built services on real Kafka and Postgres, with both vendors' twins in this process. */
export class RelayStack {
  readonly services = new Map<ServiceName, ServiceProcess>();

  private constructor(
    private readonly scope: TestScope,
    readonly kafka: TestKafka,
    readonly databaseUrl: string,
    readonly simulator: Simulator,
    readonly keys: Keyring,
    readonly env: Readonly<Record<string, string>>,
    private readonly ports: Readonly<Record<ServiceName, number>>,
  ) {}

  static async start(scope: TestScope, options: StackOptions = {}): Promise<RelayStack> {
    const kafka = await testKafka(scope, { topicPartitions: options.partitions ?? 4 });
    const databaseUrl = options.databaseUrl ?? (await testDatabase(scope)).url;
    const simulator = await startSimulator({
      ...options.simulator,
      exactClientId: EXACT_CLIENT.clientId,
      exactClientSecret: EXACT_CLIENT.secret,
    });
    scope.onTestFinished(() => simulator.close());
    const services = options.services ?? [...ALL, ...(options.exact === true ? (['exact-sync'] as const) : [])];
    const ports = await portsFor();
    const keys = { ...keyring(), ...options.keys };
    const env = {
      ...relayEnvironment({
        kafka,
        databaseUrl,
        keyring: keys,
        publicUrl: `http://127.0.0.1:${ports.gateway}`,
        registryUrl: `http://127.0.0.1:${ports['tenant-registry']}`,
        tokenBrokerUrl: `http://127.0.0.1:${ports['token-broker']}`,
        provetHost: simulator.host,
        ...(options.exact === true ? { exact: { url: simulator.exactUrl, ...EXACT_CLIENT } } : {}),
      }),
      ...options.env,
    };
    const stack = new RelayStack(scope, kafka, databaseUrl, simulator, keys, env, ports);
    await Promise.all(services.map((service) => stack.startService(service)));
    return stack;
  }

  /** Starts a service, or starts it again on the same ports. */
  async startService(
    service: ServiceName,
    over: { importFirst?: string; env?: Record<string, string>; waitUntilReady?: boolean } = {},
  ) {
    const started = await startProcess(this.scope, {
      service,
      env: { ...this.env, ...over.env },
      port: this.ports[service],
      ...(over.importFirst === undefined ? {} : { importFirst: over.importFirst }),
      ...(over.waitUntilReady === undefined ? {} : { waitUntilReady: over.waitUntilReady }),
    });
    this.services.set(service, started);
    return started;
  }

  /** Starts a service with fault points armed, `name:action[:n]` (`tools/faults`). It may die or stop before it is ready. */
  startArmed(service: ServiceName, faultPoints: string, over: { waitUntilReady?: boolean } = {}) {
    return this.startService(service, { ...over, importFirst: ARM, env: { FAULT_POINTS: faultPoints } });
  }

  service(name: ServiceName): ServiceProcess {
    const found = this.services.get(name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  }

  async killAndRestart(service: ServiceName): Promise<void> {
    await this.service(service).kill9();
    await this.startService(service);
  }

  /** Starts a service anew that ends by kill -9 at a fault point, and waits for that end. It stays down. */
  async dieAt(service: ServiceName, point: string, options: DeathOptions = {}): Promise<void> {
    await this.services.get(service)?.stop();
    const { standsStillMs = 0, env, meanwhile } = options;
    const still = standsStillMs > 0 ? `${point}:delay=${standsStillMs},` : '';
    try {
      const doomed = await this.startService(service, {
        importFirst: ARM,
        env: { ...env, FAULT_POINTS: `${still}${point}:kill` },
      });
      meanwhile?.();
      const signal = await doomed.ended;
      if (signal !== 'SIGKILL') throw new Error(`${service} ended by ${signal}, not at ${point}`);
    } catch (error) {
      // Killed by what it found at its start, before it was ready.
      if (!(error instanceof Error && error.message.includes('SIGKILL'))) throw error;
    }
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.ports.gateway}`;
  }

  tenantId(provetId: number): string {
    return `provet:${this.simulator.host}:${provetId}`;
  }

  practiceTenantId(practice: string): string {
    return exactTenantId(this.simulator.exact.environment, practice);
  }

  hookup(body: unknown, secret = this.keys.HOOKUP_SECRET, contentType = 'application/json'): Promise<Response> {
    return fetch(`${this.gatewayUrl}/hookup/provet/${secret}`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  hookUrl(provetId: number, trigger: number | 'any'): string {
    const key = webhookSigningKey(this.keys.WEBHOOK_KEYS);
    const target = { host: this.simulator.host, provetId, tenantId: this.tenantId(provetId) };
    return webhookUrl(this.gatewayUrl, target, trigger, key);
  }

  webhook(provetId: number, trigger: number | 'any', body: string): Promise<Response> {
    return fetch(this.hookUrl(provetId, trigger), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  }

  registry(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.ports['tenant-registry']}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.keys.OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    });
  }

  async tenant(tenantId: string): Promise<TenantAnswer | null> {
    const response = await this.registry(`/tenants/${encodeURIComponent(tenantId)}`);
    return response.ok ? ((await response.json()) as TenantAnswer) : null;
  }

  untilState(tenantId: string, state: TenantValue['state'], timeoutMs = 30_000): Promise<TenantAnswer> {
    return until(
      `${tenantId} is ${state}`,
      async () => {
        const tenant = await this.tenant(tenantId);
        return tenant?.state === state ? tenant : null;
      },
      { timeoutMs, everyMs: 100 },
    );
  }

  /** Adds a tenant to the twin, registers it through the hookup URL and waits until it is active. */
  async joinProvet(options: Parameters<Simulator['provet']['addTenant']>[0]): Promise<string> {
    this.simulator.provet.addTenant(options);
    const response = await this.hookup(this.simulator.provet.hookup(options.id));
    if (response.status !== 200) throw new Error(`the hookup was answered ${response.status}`);
    const tenantId = this.tenantId(options.id);
    await this.untilState(tenantId, 'active');
    return tenantId;
  }

  /** Adds practices to the twin of EXACT and waits until each was found in the list of subscriptions and is active. */
  async joinExact(practices: readonly Parameters<Simulator['exact']['addPractice']>[0][]): Promise<void> {
    for (const practice of practices) this.simulator.exact.addPractice(practice);
    for (const { id } of practices) await this.untilState(this.practiceTenantId(id), 'active', 60_000);
  }
}

async function portsFor(): Promise<Record<ServiceName, number>> {
  return {
    gateway: await freePort(),
    'tenant-registry': await freePort(),
    'token-broker': await freePort(),
    'provet-sync': await freePort(),
    'exact-sync': await freePort(),
    console: await freePort(),
  };
}
