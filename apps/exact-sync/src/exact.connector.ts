import type { TenantValue } from '@relay/contracts';
import type {
  SpendingBook,
  CallContext,
  ConfirmOutcome,
  Connector,
  FetchOutcome,
  PageOutcome,
  PassRequest,
  ResourceSpec,
  TenantPlace,
} from '@relay/sync-engine';
import { catalogueEntry } from './catalogue/catalogue.js';
import type { ContinuationNames } from './calls/continuation.js';
import { practicePath } from './calls/exact-address.js';
import type { PracticeCalls } from './calls/practice-calls.js';
import { confirmList } from './passes/confirm-list.js';
import { readEverything, readPractice } from './passes/read-everything.js';
import { HardSpans } from './passes/hard-spans.js';
import { QuietHours } from './passes/quiet-hours.js';
import { readWindow, type WindowReading } from './passes/read-window.js';
import type { WindowSettings } from './passes/windows.js';
import { fetchRecord } from './records/fetch-record.js';
import { PracticePlaces } from './practice-time/practice-places.js';
import type { PracticeFacts } from './practices/practice-book.js';
import type { GrantedScopes } from './scopes/granted-scopes.js';
import type { VersionGates } from './versions/version-gates.js';

export interface ExactConnectorOptions {
  readonly calls: PracticeCalls;
  readonly apiUrl: string;
  readonly resources: readonly ResourceSpec[];
  readonly windows: WindowSettings;
  readonly continuation: ContinuationNames;
  /** What the client may do, and when that changes. */
  readonly scopes: Pick<GrantedScopes, 'setOf' | 'onChange'>;
  /** What is known of the practices: their country, their version. Default: nothing. */
  readonly practices?: PracticeFacts & { onVersionChange(listener: () => void): void };
  /** Which practices are too old for what. Default: none is. */
  readonly gates?: Pick<VersionGates, 'lacking'>;
  /** A practice's details have been read. */
  detailsRead?(tenant: TenantValue, text: string, observedAt: number): void;
  /** When what windows had to leave out is tried again for the first time. Default: a quarter of an hour. */
  readonly hardSpanPauseMs?: number | undefined;
  /** Default: the system's clock. */
  readonly now?: () => number;
}

/** EXACT as the sync engine sees it. */
export class ExactConnector implements Connector {
  readonly vendor = 'exact';
  readonly resources: readonly ResourceSpec[];
  readonly spending: SpendingBook;
  private readonly hard: HardSpans;
  private readonly quiet: QuietHours;
  private readonly now: () => number;
  private readonly places: PracticePlaces;

  constructor(private readonly options: ExactConnectorOptions) {
    this.resources = options.resources;
    this.places = new PracticePlaces(options.practices ?? { of: () => null });
    this.now = options.now ?? Date.now;
    this.spending = options.calls.budget.book(this.now);
    this.hard = new HardSpans(options.hardSpanPauseMs);
    this.quiet = new QuietHours((tenant) => this.placeOf(tenant).zone, options.calls.budget);
  }

  sourceOf(tenant: TenantValue): string {
    return `${this.options.apiUrl}${practicePath(tenant)}`;
  }

  /** Every practice is somebody's office server. */
  placeOf({ tenantId }: TenantValue): TenantPlace {
    return this.places.placeOf(tenantId);
  }

  urlOf(tenant: TenantValue, resource: string, recordId: string): string {
    const { segment, reads, part } = catalogueEntry(resource);
    const path = reads === 'practice' ? practicePath(tenant, segment) : practicePath(tenant, segment, recordId, part);
    return `${this.options.apiUrl}${path}`;
  }

  fetchRecord(call: CallContext, resource: ResourceSpec, recordId: string): Promise<FetchOutcome> {
    return fetchRecord(this.options.calls, call, resource.name, recordId);
  }

  readPage(
    call: CallContext,
    resource: ResourceSpec,
    pass: PassRequest,
    position: string | null,
  ): Promise<PageOutcome> {
    const { calls, continuation: names, windows } = this.options;
    const { name, reads, segment } = catalogueEntry(resource.name);
    const request = { resource: name, segment };
    const waitMs = reads === 'practice' ? null : this.quiet.putOff(call, pass, this.now());
    if (waitMs !== null) return Promise.resolve({ kind: 'throttled', retryAfterMs: waitMs, local: true, tookMs: 0 });
    const startedAt = this.now();
    switch (reads) {
      case 'practice':
        return readPractice(calls, call, segment, (text) => {
          this.options.detailsRead?.(call.tenant, text, startedAt);
        });
      case 'everything':
      case 'each':
        return readEverything(calls, call, request, names, position);
      case 'window':
        return readWindow(
          { calls, ...request, names, windows, ...this.windowSetting(call.tenant) },
          call,
          pass,
          position,
        );
      default:
        return reads satisfies never;
    }
  }

  private windowSetting(tenant: TenantValue): Pick<WindowReading, 'zone' | 'hard' | 'now'> {
    return { zone: this.placeOf(tenant).zone, hard: this.hard, now: this.now() };
  }

  /** The same address shows more with more scopes: what was read with others is read again. Null: its EXACT is too old. */
  basisOf(resource: ResourceSpec, tenant: TenantValue): string | null {
    const lacking = this.options.gates?.lacking(tenant, catalogueEntry(resource.name).name) ?? null;
    if (lacking !== null) return null;
    const set = this.options.scopes.setOf(catalogueEntry(resource.name).name);
    return set?.kind === 'granted' ? set.scopes : null;
  }

  /** A scope that is not granted, or an EXACT that is too old. */
  deniedOf(resource: ResourceSpec, tenant: TenantValue): string | null {
    return this.options.calls.deniedOf(tenant, catalogueEntry(resource.name).name);
  }

  isListOnly(resource: ResourceSpec): boolean {
    const set = this.options.scopes.setOf(catalogueEntry(resource.name).name);
    return set?.kind === 'granted' && set.listOnly;
  }

  callsOf({ tenantId }: TenantValue): { readonly lastHour: number; readonly cap: number } {
    const { budget } = this.options.calls;
    return { lastHour: budget.used(tenantId, this.now()), cap: budget.perHour };
  }

  onBasisChange(changed: () => void): void {
    this.options.scopes.onChange(changed);
    this.options.practices?.onVersionChange(changed);
  }

  confirmList(call: CallContext, resource: ResourceSpec): Promise<ConfirmOutcome> {
    const { calls, continuation } = this.options;
    return confirmList(calls, call, resource.name, continuation, this.now());
  }
}
