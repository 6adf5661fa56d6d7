import { FaultBook } from '../faults.js';
import { basicCredentials, bearerToken, type TwinReply, type TwinRequest } from '../http.js';
import type { TwinRecord } from '../json.js';
import { RequestLog } from '../request-log.js';
import { Ring } from '../ring.js';
import { epochOf } from '../times.js';
import { mergeRecords, removeRecord, writeRecord, type MergeRequest } from './changes.js';
import { DeliveryQueue, PUNCTUAL, type DueDelivery, type WebhookRates } from './deliveries.js';
import { hookupMessage, type GrantSpelling, type HookupMessage } from './hookup.js';
import { ProvetLife } from './life.js';
import { revokeReply, tokenReply } from './oauth.js';
import type { ResourceName } from './records/context.js';
import { shownForm } from './list-query.js';
import { htmlNotFound, notFound } from './replies.js';
import { apiReply, redirectToSlash } from './rest.js';
import { findRoute, type FoundRoute } from './routes.js';
import { ProvetTenant, resourceNamed, type TenantOptions } from './tenant.js';
import type { ChangeOptions, ProvetChange, ProvetWorld, PutOptions } from './world.js';

export interface ProvetTwinOptions {
  readonly seed: string;
  /** Scheme, host and port under which the twin is reached. */
  readonly origin: string;
  readonly clock: () => number;
  /** The middle of the generated data; default: Monday of the week in which the twin is made. */
  readonly epoch?: number | undefined;
}

/** A Provet Cloud of many tenants: state and rules only. The same seed, clock and calls give the same bytes. */
export class ProvetTwin {
  readonly faults: FaultBook;
  readonly requests = new RequestLog();
  readonly tenants = new Map<number, ProvetTenant>();
  readonly #world: ProvetWorld;
  readonly #life: ProvetLife;

  constructor(options: ProvetTwinOptions) {
    const { seed, origin, clock } = options;
    this.faults = new FaultBook(seed);
    this.#world = {
      seed,
      origin: baseOf(origin),
      epoch: options.epoch ?? epochOf(clock()),
      clock,
      deliveries: new DeliveryQueue(seed),
      changes: new Ring<ProvetChange>(50_000),
      rates: PUNCTUAL,
      jsonIds: 'string',
    };
    this.#life = new ProvetLife(this.#world, this.tenants);
  }

  /** `http://127.0.0.1:3100`, without a slash at its end. */
  get origin(): string {
    return this.#world.origin;
  }

  /** Changes the address under which the twin is reached. Tenants that exist already keep the old one in their data. */
  moveTo(origin: string): void {
    this.#world.origin = baseOf(origin);
  }

  /** `127.0.0.1:3100`, as tenant ids spell it. */
  get host(): string {
    return new URL(this.origin).host;
  }

  /** Adds a tenant, or replaces the one of that id. */
  addTenant(options: TenantOptions): ProvetTenant {
    const tenant = new ProvetTenant(options, this.#world);
    this.tenants.set(options.id, tenant);
    return tenant;
  }

  /** Throws when there is no such tenant. */
  tenant(id: number): ProvetTenant {
    const tenant = this.tenants.get(id);
    if (tenant === undefined) throw new Error(`there is no tenant ${id}`);
    return tenant;
  }

  hookup(tenantId: number, overrides: Record<string, unknown> = {}, spelling?: GrantSpelling): HookupMessage {
    return { ...hookupMessage(this.origin, this.tenant(tenantId), spelling), ...overrides };
  }

  /** Creates (id null or unknown) or changes a record. Webhooks are queued unless `notify` says otherwise. */
  put(
    tenantId: number,
    resource: ResourceName,
    id: number | null,
    fields: TwinRecord,
    options?: PutOptions,
  ): TwinRecord {
    return writeRecord(this.#world, this.tenant(tenantId), resource, id, fields, options);
  }

  remove(tenantId: number, resource: ResourceName, id: number, options?: ChangeOptions): boolean {
    return removeRecord(this.#world, this.tenant(tenantId), resource, id, options);
  }

  merge(tenantId: number, resource: 'client' | 'patient', merge: MergeRequest, options?: ChangeOptions): TwinRecord {
    return mergeRecords(this.#world, this.tenant(tenantId), resource, merge, options);
  }

  /** The detail form as it stands, visible or not; null when there is none. */
  record(tenantId: number, resource: ResourceName, id: number): TwinRecord | null {
    const record = this.tenant(tenantId).store(resource).latest(id);
    return record === null ? null : shownForm(resourceNamed(resource), record);
  }

  /** Ids of the records that exist now, ascending. */
  ids(tenantId: number, resource: ResourceName): number[] {
    return [...this.tenant(tenantId).store(resource).ids(Number.POSITIVE_INFINITY)];
  }

  get deliveries(): DeliveryQueue {
    return this.#world.deliveries;
  }

  /** Webhooks to post now; each is to be reported to `deliveries.report`. */
  dueDeliveries(now = this.#world.clock()): DueDelivery[] {
    return this.#world.deliveries.take(now);
  }

  get changes(): Ring<ProvetChange> {
    return this.#world.changes;
  }

  /** How webhooks misbehave where a tenant says nothing of its own. */
  get webhookRates(): WebhookRates {
    return this.#world.rates;
  }

  setWebhookRates(rates: Partial<WebhookRates>): void {
    this.#world.rates = { ...this.#world.rates, ...rates };
  }

  /** Ids in JSON webhooks: strings (as seen at the vendor) or numbers. */
  setJsonIds(form: 'string' | 'number'): void {
    this.#world.jsonIds = form;
  }

  /** Loses the next webhooks about a resource or one record of it. */
  dropNext(tenantId: number, resource: ResourceName, id?: number, times = 1): void {
    this.tenant(tenantId).dropNext.set(id === undefined ? resource : `${resource}/${id}`, times);
  }

  /** Makes one change of the life script in some tenant. */
  live(): ProvetChange | null {
    return this.#life.step();
  }

  handle(request: TwinRequest): TwinReply {
    const now = this.#world.clock();
    const url = new URL(this.origin + request.url);
    const [, id, rest] = /^\/(\d{1,15})\/(.*)$/.exec(url.pathname) ?? [];
    const tenant = id === undefined ? undefined : this.tenants.get(Number(id));
    const found = tenant === undefined || rest === undefined ? null : findRoute(rest);
    const scope = { scope: id ?? '', method: request.method, url: request.url };
    const caller = tenant === undefined ? null : callerName(tenant, request);
    const reply = this.faults.through(scope, () => this.#answer(tenant, found, request, url));
    this.requests.note({
      at: now,
      method: request.method,
      path: request.url,
      route: found?.template ?? '(unknown)',
      scope: id ?? '',
      caller,
      status: reply.kind === 'response' ? reply.status : 0,
    });
    return reply;
  }

  #answer(tenant: ProvetTenant | undefined, found: FoundRoute | null, request: TwinRequest, url: URL): TwinReply {
    if (tenant === undefined) return notFound();
    if (tenant.switches.closed !== 'no') return tenant.switches.closed === 'json' ? notFound() : htmlNotFound();
    if (found === null) return notFound();
    if (found.slashless) return redirectToSlash(url);
    if (request.method === 'HEAD') {
      const reply = this.#answer(tenant, found, { ...request, method: 'GET' }, url);
      return reply.kind === 'response' ? { ...reply, body: '' } : reply;
    }
    const { route } = found;
    if (route.kind === 'token') return tokenReply(tenant, request, this.#world.clock());
    if (route.kind === 'revoke') return revokeReply(tenant, request);
    return apiReply(this.#world, tenant, route, request);
  }
}

function baseOf(origin: string): string {
  return origin.replace(/\/+$/, '');
}

/** For the log: which client asks. */
function callerName(tenant: ProvetTenant, request: TwinRequest): string | null {
  const basic = basicCredentials(request.headers['authorization']);
  if (basic !== null) return basic.id;
  return tenant.tokens.get(bearerToken(request.headers['authorization']) ?? '')?.clientId ?? null;
}
