import { setTimeout as delay } from 'node:timers/promises';
import type {
  ConfirmOutcome,
  DepartOutcome,
  FetchOutcome,
  PageOutcome,
  PrepareOutcome,
} from '../ports/call-outcomes.js';
import type { CallContext, Connector, PassRequest, PassSpec, ResourceSpec } from '../ports/connector.js';

export interface VendorRecord {
  readonly [member: string]: unknown;
}

interface Held {
  record: VendorRecord;
  modifiedAt: number;
}

export interface ScriptedVendorOptions {
  readonly passes?: readonly PassSpec[];
  readonly hasDetail?: boolean;
  readonly pageSize?: number;
  /** Resources whose notices are provisioned. */
  readonly noticesFor?: readonly string[];
  /** Members that only the detail form has. */
  readonly detailOnly?: readonly string[];
  readonly resources?: readonly string[];
  readonly hasNotices?: boolean;
}

const backfill: PassSpec = {
  name: 'backfill',
  everySeconds: null,
  reads: 'everything',
  cause: 'backfill',
  provesAbsence: false,
  firstReading: true,
};
export const RECONCILE: PassSpec = {
  name: 'reconcile',
  everySeconds: 1,
  reads: 'changed',
  cause: 'reconcile',
  provesAbsence: false,
  firstReading: false,
};
export const SWEEP: PassSpec = {
  name: 'sweep',
  everySeconds: 1,
  reads: 'everything',
  cause: 'sweep',
  provesAbsence: true,
  firstReading: false,
};
/** A window that is read again and again, as EXACT's near appointments are. */
export const NEAR: PassSpec = {
  name: 'near',
  everySeconds: 1,
  reads: 'window',
  cause: 'poll',
  provesAbsence: true,
  firstReading: true,
};
/** The rest of the time, read at a slower pace. */
export const FAR: PassSpec = { ...NEAR, name: 'far', everySeconds: 4 };
export const BACKFILL = backfill;

export type CallKind = 'record' | 'page' | 'list' | 'prepare' | 'depart';
type Failure = Extract<FetchOutcome, { readonly tookMs: number }> & {
  kind: Exclude<FetchOutcome['kind'], 'found' | 'not-found'>;
};

/** Windows show all records but those outside of all of them, or of the one that is named. */
function isInside({ record: { outside } }: Held, window: string): boolean {
  return outside !== true && outside !== window;
}

/** A vendor in memory behind the connector port: no HTTP, every answer in the test's hand. */
export class ScriptedVendor implements Connector {
  readonly vendor = 'provet' as const;
  readonly resources: readonly ResourceSpec[];
  readonly calls: { kind: CallKind; tenantId: string; resource: string; recordId: string | null; at: number }[] = [];
  /** Set to make calls fail: returns the failure, or null to let the call through. */
  fail: (kind: CallKind, resource: string, recordId: string | null) => Failure | null = () => null;
  /** Every call takes this long. */
  latencyMs = 0;
  /** Records for which the answer is held until the promise resolves. */
  readonly gates = new Map<string, Promise<void>>();
  /** Every address of the tenant answers 404. */
  closed = false;
  /** Not apiShaped 404s. */
  bareNotFound = false;
  clockSkewMs = 0;
  preparesBy = 'first key';
  /** What answers depend on; null: nothing may be read, or nobody knows. */
  basis: string | null = null;
  /** Records may not be read one by one. To be changed together with the basis. */
  listOnly = false;
  private readonly basisListeners: (() => void)[] = [];
  private readonly data = new Map<string, Map<string, Held>>();

  constructor(private readonly options: ScriptedVendorOptions = {}) {
    const passes = options.passes ?? [backfill];
    this.resources = (options.resources ?? ['client']).map((name) => ({
      name,
      hasDetail: options.hasDetail ?? true,
      modifiedMember: 'modified',
      volatileMembers: ['signed_url'],
      passes,
      hasNotices: options.hasNotices ?? true,
      announcedBy: { created: 6, changed: 1, createdMember: 'created' },
    }));
  }

  put(tenantId: string, resource: string, id: number | string, record: VendorRecord, modifiedAt = Date.now()): void {
    const table = this.table(tenantId, resource);
    const modified = new Date(modifiedAt).toISOString();
    table.set(String(id), { record: { id, ...record, modified }, modifiedAt });
  }

  remove(tenantId: string, resource: string, id: number | string): void {
    this.table(tenantId, resource).delete(String(id));
  }

  present(tenantId: string, resource: string, id: number | string): VendorRecord | undefined {
    return this.table(tenantId, resource).get(String(id))?.record;
  }

  count(kind: CallKind, recordId: string | null = null): number {
    return this.calls.filter((call) => call.kind === kind && (recordId === null || call.recordId === recordId)).length;
  }

  sourceOf(): string {
    return 'https://vet.example.com/17/api/0.1/';
  }

  urlOf(_tenant: unknown, resource: string, recordId: string): string {
    return `https://vet.example.com/17/api/0.1/${resource}/${recordId}/`;
  }

  async fetchRecord(call: CallContext, { name }: ResourceSpec, recordId: string): Promise<FetchOutcome> {
    const { tenantId } = call.tenant;
    this.note('record', tenantId, name, recordId);
    // The state is that of the moment when the request arrives; the answer may be held on its way back.
    const held = this.table(tenantId, name).get(recordId);
    const text = held === undefined ? null : JSON.stringify(held.record);
    const failure = this.fail('record', name, recordId);
    if (this.latencyMs > 0) await delay(this.latencyMs);
    await this.gates.get(recordId);
    if (call.signal.aborted) return { kind: 'aborted', tookMs: 0 };
    if (failure !== null) return failure;
    if (text === null || this.closed)
      return { kind: 'not-found', apiShaped: !this.bareNotFound, tookMs: this.latencyMs };
    return { kind: 'found', text, vendorTime: Date.now(), tookMs: this.latencyMs };
  }

  async readPage(
    call: CallContext,
    { name }: ResourceSpec,
    pass: PassRequest,
    position: string | null,
  ): Promise<PageOutcome> {
    const { tenantId } = call.tenant;
    this.note('page', tenantId, name, position);
    const failure = this.fail('page', name, position);
    if (this.latencyMs > 0) await delay(this.latencyMs);
    await this.gates.get(`page:${position}`);
    if (call.signal.aborted) return { kind: 'aborted', tookMs: 0 };
    if (failure !== null) return failure;
    if (this.closed) return { kind: 'not-found', tookMs: 0 };
    const bound = pass.spec.reads === 'changed' ? (pass.since ?? 0) : 0;
    const after = Number(position ?? -1);
    const all = [...this.table(tenantId, name)]
      .filter(([id, held]) => Number(id) > after && held.modifiedAt >= bound)
      .filter(([, held]) => pass.spec.reads !== 'window' || isInside(held, pass.spec.name))
      .sort(([a], [b]) => Number(a) - Number(b));
    const size = this.options.pageSize ?? 100;
    const rows = all.slice(0, size).map(([recordId, held]) => ({ recordId, text: this.listText(held.record) }));
    return {
      kind: 'page',
      rows,
      next: all.length > size ? (rows.at(-1)?.recordId ?? null) : null,
      total: all.length,
      vendorTime: Date.now(),
      tookMs: this.latencyMs,
    };
  }

  async prepare(call: CallContext): Promise<PrepareOutcome> {
    this.note('prepare', call.tenant.tenantId, '', null);
    const failure = this.fail('prepare', '', null);
    if (failure !== null) return failure;
    const noticesFor = this.options.noticesFor ?? this.resources.map(({ name }) => name);
    return { kind: 'ready', noticesFor, reason: null, againAt: null };
  }

  async depart(call: CallContext): Promise<DepartOutcome> {
    this.note('depart', call.tenant.tenantId, '', null);
    const failure = this.fail('depart', '', null);
    if (failure !== null) return { ...failure, removed: 0 };
    return { kind: 'departed', reason: null, removed: 3, tookMs: 0 };
  }

  isListOnly(): boolean {
    return this.listOnly;
  }

  basisOf(): string | null {
    return this.basis;
  }

  onBasisChange(changed: () => void): void {
    this.basisListeners.push(changed);
  }

  changeBasis(basis: string | null): void {
    this.basis = basis;
    for (const changed of this.basisListeners) changed();
  }

  async confirmList(call: CallContext, { name }: ResourceSpec): Promise<ConfirmOutcome> {
    this.note('list', call.tenant.tenantId, name, null);
    return { kind: this.closed ? 'not-found' : 'listed', tookMs: 0 };
  }

  private listText(record: VendorRecord): string {
    const hidden = this.options.detailOnly ?? ['detail_only'];
    return JSON.stringify(Object.fromEntries(Object.entries(record).filter(([name]) => !hidden.includes(name))));
  }

  private note(kind: CallKind, tenantId: string, resource: string, recordId: string | null): void {
    this.calls.push({ kind, tenantId, resource, recordId, at: Date.now() });
  }

  private table(tenantId: string, resource: string): Map<string, Held> {
    const key = `${tenantId}\0${resource}`;
    let table = this.data.get(key);
    if (table === undefined) this.data.set(key, (table = new Map()));
    return table;
  }
}
