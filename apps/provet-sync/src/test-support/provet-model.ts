import { webhookSigningKey, type TenantValue } from '@relay/contracts';
import type { Connector } from '@relay/sync-engine';
import {
  EngineModel,
  ModelHttp,
  TokenShelf,
  carryWebhooks,
  provetTenant,
  type EngineModelOptions,
  type VirtualProcess,
} from '@relay/testing';
import { ProvetTwin, type ResourceName } from '@relay/vendor-twins';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { HostCeiling } from '../calls/host-ceiling.js';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import type { UpkeepSettings } from '../upkeep/prepare-tenant.js';
import { ProvetConnector } from '../provet.connector.js';

export interface ProvetModelOptions extends Omit<EngineModelOptions, 'connector'> {
  readonly resources?: readonly ResourceName[];
  readonly reconcileSeconds?: number;
  readonly sweepSeconds?: number;
  readonly reconcileSecondsWithoutWebhooks?: number;
  /** How the vendor's list of deliveries is read; null: not at all. */
  readonly queue?: UpkeepSettings['queue'];
  /** Share of the vendor's limits; 0 = no limit. */
  readonly budgetShare?: number;
  /** Most requests a second to the vendor's host; 0 = no limit. */
  readonly hostRequestsPerSecond?: number;
  /** How long a request takes to the vendor, and an answer back. */
  readonly httpLatencyMs?: () => number;
  /** Puts something in the connector's place. */
  readonly connectorOf?: (connector: Connector, worker: VirtualProcess) => Connector;
}

const KEY = webhookSigningKey(Buffer.alloc(32, 7).toString('base64url'));

/** The whole of Provet sync but its sockets: real engine, real connector, the twin of the vendor, on one virtual clock. */
export class ProvetModel extends EngineModel {
  readonly twin: ProvetTwin;
  readonly tokens = new TokenShelf();
  private tokenVersion = 0;

  constructor(private readonly about: ProvetModelOptions) {
    super({
      ...about,
      connector: (process) => {
        const connector = this.connectorOf(process);
        return about.connectorOf?.(connector, process) ?? connector;
      },
    });
    const { now } = this.clock;
    this.twin = new ProvetTwin({ seed: about.seed, origin: 'http://127.0.0.1:3100', clock: now, epoch: now() });
    carryWebhooks(this.twin, this, (id) => this.tenantIdOf(id));
  }

  /** A clinic that is active from now on. */
  clinic(id: number, records: number): TenantValue {
    const clinic = this.twin.addTenant({ id, records, clientId: 'c', secret: 's', tokenSeconds: 90 * 86_400 });
    const tenant = provetTenant({ host: this.twin.host, scheme: 'http', provetId: id });
    clinic.tokens.set(`token-${id}`, { clientId: 'c', expiresAt: Infinity });
    this.renewToken(id);
    return this.tenant(tenant);
  }

  /** A clinic's token is newer than all before, as the broker publishes one after a refusal. */
  renewToken(id: number): void {
    const { credentialId } = provetTenant({ host: this.twin.host, scheme: 'http', provetId: id });
    this.tokenVersion += 1;
    this.tokens.put(credentialId as string, { value: `token-${id}`, version: this.tokenVersion });
  }

  private tenantIdOf(id: number): string {
    return provetTenant({ host: this.twin.host, provetId: id }).tenantId;
  }

  private connectorOf(process: Parameters<EngineModelOptions['connector']>[0]): ProvetConnector {
    const {
      resources = ['client'],
      reconcileSeconds = 900,
      sweepSeconds = 86_400,
      budgetShare = 0,
      reconcileSecondsWithoutWebhooks = 300,
      queue = null,
    } = this.about;
    const http = new ModelHttp(this.twin, process, this.about.httpLatencyMs ?? (() => 20));
    const ceiling = new HostCeiling(this.about.hostRequestsPerSecond ?? 0);
    const calls = new ProvetCalls(http, this.tokens, new TenantBudgets(budgetShare), process, ceiling);
    return new ProvetConnector(
      calls,
      resourceSpecs(resources, { reconcileSeconds, sweepSeconds, notices: true, reconcileSecondsWithoutWebhooks }),
      {
        mode: 'provision',
        publicUrl: 'https://relay.example',
        keys: [KEY],
        targetMember: null,
        resources,
        tryAgainMs: reconcileSeconds * 1000,
        // Which keys its hooks use is no part of the model.
        book: { note: async () => undefined },
      },
      { resources, queue, random: this.random('upkeep') },
      () => process.now(),
    );
  }
}
