import { webhookSigningKey, type TenantValue } from '@relay/contracts';
import {
  EngineModel,
  ModelHttp,
  TokenShelf,
  carryWebhooks,
  provetTenant,
  type EngineModelOptions,
} from '@relay/testing';
import { ProvetTwin, type ResourceName } from '@relay/vendor-twins';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import { ProvetConnector } from '../provet.connector.js';

export interface ProvetModelOptions extends Omit<EngineModelOptions, 'connector'> {
  readonly resources?: readonly ResourceName[];
  readonly reconcileSeconds?: number;
  readonly sweepSeconds?: number;
  /** Share of the vendor's limits; 0 = no limit. */
  readonly budgetShare?: number;
  /** How long a request takes to the vendor, and an answer back. */
  readonly httpLatencyMs?: () => number;
}

const KEY = webhookSigningKey(Buffer.alloc(32, 7).toString('base64url'));

/** The whole of Provet sync but its sockets: real engine, real connector, the twin of the vendor, on one virtual clock. */
export class ProvetModel extends EngineModel {
  readonly twin: ProvetTwin;
  readonly tokens = new TokenShelf();

  constructor(private readonly about: ProvetModelOptions) {
    super({ ...about, connector: (process) => this.connectorOf(process) });
    const { now } = this.clock;
    this.twin = new ProvetTwin({ seed: about.seed, origin: 'http://127.0.0.1:3100', clock: now, epoch: now() });
    carryWebhooks(this.twin, this, (id) => this.tenantIdOf(id));
  }

  /** A clinic that is active from now on. */
  clinic(id: number, records: number): TenantValue {
    const clinic = this.twin.addTenant({ id, records, clientId: 'c', secret: 's', tokenSeconds: 90 * 86_400 });
    const tenant = provetTenant({ host: this.twin.host, scheme: 'http', provetId: id });
    clinic.tokens.set(`token-${id}`, { clientId: 'c', expiresAt: Infinity });
    this.tokens.put(tenant.credentialId as string, { value: `token-${id}`, version: 1 });
    return this.tenant(tenant);
  }

  private tenantIdOf(id: number): string {
    return provetTenant({ host: this.twin.host, provetId: id }).tenantId;
  }

  private connectorOf(process: Parameters<EngineModelOptions['connector']>[0]): ProvetConnector {
    const { resources = ['client'], reconcileSeconds = 900, sweepSeconds = 86_400, budgetShare = 0 } = this.about;
    const http = new ModelHttp(this.twin, process, this.about.httpLatencyMs ?? (() => 20));
    const calls = new ProvetCalls(http, this.tokens, new TenantBudgets(budgetShare), process);
    return new ProvetConnector(calls, resourceSpecs(resources, { reconcileSeconds, sweepSeconds, notices: true }), {
      mode: 'provision',
      publicUrl: 'https://relay.example',
      keys: [KEY],
      targetMember: null,
      resources,
      tryAgainMs: reconcileSeconds * 1000,
      // Which keys its hooks use is no part of the model.
      book: { note: async () => undefined },
    });
  }
}
