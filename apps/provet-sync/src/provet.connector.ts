import type { TenantValue } from '@relay/contracts';
import type {
  CallContext,
  ConfirmOutcome,
  Connector,
  DepartOutcome,
  FetchOutcome,
  LastPreparation,
  PageOutcome,
  PassRequest,
  PrepareOutcome,
  ResourceSpec,
  SpendingBook,
} from '@relay/sync-engine';
import { catalogueEntry } from './catalogue/catalogue.js';
import { apiBase, recordPath } from './calls/provet-address.js';
import type { ProvetCalls } from './calls/provet-calls.js';
import { confirmList } from './passes/confirm-list.js';
import { readFamily } from './passes/read-family.js';
import { readPage } from './passes/read-page.js';
import { fetchRecord } from './records/fetch-record.js';
import { prepareTenant, type UpkeepSettings } from './upkeep/prepare-tenant.js';
import { preparesBy, type WebhookSettings } from './webhooks/prepare-webhooks.js';
import { removeWebhooks } from './webhooks/remove-webhooks.js';

/** Provet Cloud as the sync engine sees it. */
export class ProvetConnector implements Connector {
  readonly vendor = 'provet';
  readonly preparesBy: string;
  readonly spending: SpendingBook;

  constructor(
    private readonly calls: ProvetCalls,
    readonly resources: readonly ResourceSpec[],
    private readonly webhooks: WebhookSettings,
    private readonly upkeep: UpkeepSettings,
    private readonly now: () => number = Date.now,
  ) {
    this.preparesBy = preparesBy(webhooks);
    this.spending = calls.spending;
  }

  /** Always https, as consumers know the source; a simulator's http does not change a name. */
  sourceOf(tenant: TenantValue): string {
    return `https://${tenant.host}/${tenant.provetId}/api/0.1/`;
  }

  urlOf(tenant: TenantValue, resource: string, recordId: string): string {
    return `${apiBase(tenant) ?? this.sourceOf(tenant)}${recordPath(catalogueEntry(resource).path, recordId)}`;
  }

  fetchRecord(call: CallContext, resource: ResourceSpec, recordId: string): Promise<FetchOutcome> {
    return fetchRecord(this.calls, call, resource.name, recordId);
  }

  readPage(
    call: CallContext,
    resource: ResourceSpec,
    pass: PassRequest,
    position: string | null,
  ): Promise<PageOutcome> {
    return readPage(this.calls, call, resource.name, pass, position);
  }

  readFamily(
    call: CallContext,
    resource: ResourceSpec,
    wholeId: string,
    position: string | null,
  ): Promise<PageOutcome> {
    return readFamily(this.calls, call, resource.name, wholeId, position);
  }

  prepare(call: CallContext, last: LastPreparation): Promise<PrepareOutcome> {
    const { webhooks, upkeep } = this;
    return prepareTenant(this.calls, call, { webhooks, upkeep }, last, this.now);
  }

  depart(call: CallContext): Promise<DepartOutcome> {
    return removeWebhooks(this.calls, call, this.webhooks);
  }

  confirmList(call: CallContext, resource: ResourceSpec, recordId?: string): Promise<ConfirmOutcome> {
    return confirmList(this.calls, call, resource.name, recordId);
  }
}
