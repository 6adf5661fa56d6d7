import {
  EXACT_BASE_SCOPES,
  exactEnvironmentId,
  exactScopeSet,
  exactScopeText,
  type ExactEnvironment,
  type PracticeDetailsValue,
  type TenantValue,
} from '@relay/contracts';
import type { Connector, ShardDuty } from '@relay/sync-engine';
import { EngineModel, ModelHttp, exactTenant, type EngineModelOptions, type VirtualProcess } from '@relay/testing';
import { ExactTwin, type ExactPractice, type PracticeOptions } from '@relay/vendor-twins';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import type { ContinuationNames } from '../calls/continuation.js';
import { ExactCalls } from '../calls/exact-calls.js';
import { PracticeBudget } from '../calls/practice-budget.js';
import { PracticeCalls } from '../calls/practice-calls.js';
import { RequestRate } from '../calls/request-rate.js';
import { CallsByScope } from '../calls/scoped-calls.js';
import { detailsValue } from '../details/details-value.js';
import { PracticeBook } from '../practices/practice-book.js';
import { VersionGates } from '../versions/version-gates.js';
import { ExactConnector } from '../exact.connector.js';
import type { ScopeSource } from '../scopes/granted-scopes.js';
import { ModelTokens } from './model-tokens.js';

export interface ExactModelOptions extends Omit<EngineModelOptions, 'connector' | 'duties' | 'service' | 'tokens'> {
  readonly environment?: ExactEnvironment;
  readonly resources?: readonly string[];
  readonly pollSeconds?: number;
  readonly farSeconds?: number;
  readonly sweepSeconds?: number;
  readonly nearDays?: number;
  readonly windowPastDays?: number;
  readonly windowFutureDays?: number;
  readonly historyDays?: number;
  readonly hardSpanPauseMs?: number;
  readonly callsPerPracticeHour?: number;
  readonly maxRequestsPerSecond?: number;
  /** The oldest EXACT that answers a resource; default: as published. */
  readonly minimumOf?: (resource: string) => string;
  readonly continuation?: ContinuationNames;
  /** How long a request takes to the vendor, and an answer back. */
  readonly httpLatencyMs?: () => number;
  /** Puts something in the connector's place. */
  readonly connectorOf?: (connector: Connector, worker: VirtualProcess) => Connector;
  /** Work that belongs to no practice's lane, of one process. Absent: there is none, and nobody lists subscriptions. */
  readonly dutiesOf?: (process: ExactProcess) => readonly ShardDuty[];
}

/** What the parts of one process stand on. */
export interface ExactProcess {
  readonly process: VirtualProcess;
  readonly calls: ExactCalls;
  readonly practices: PracticeCalls;
  readonly continuation: ContinuationNames;
  readonly book: PracticeBook;
  readonly gates: VersionGates;
}

const RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'] as const;
const TIMEOUT_MS = 20_000;

/** The whole of EXACT sync but its sockets: real engine, real connector, the twin of the vendor, on one virtual clock. */
export class ExactModel extends EngineModel {
  readonly environment: ExactEnvironment;
  readonly twin: ExactTwin;
  readonly tokens: ModelTokens;
  private readonly processes = new Map<VirtualProcess, ExactProcess>();
  private readonly listeners = new Set<() => void>();
  /** What `practice-details.v1` says. */
  private readonly told = new Map<string, PracticeDetailsValue>();
  private readonly client: { scopes: readonly string[]; secret: string };

  constructor(private readonly about: ExactModelOptions) {
    super({
      ...about,
      service: 'exact-sync',
      config: { consumeNotices: false, tenantConcurrency: 2, httpAttemptTimeoutMs: TIMEOUT_MS, ...about.config },
      connector: (process) => {
        const connector = this.connectorOf(process);
        return about.connectorOf?.(connector, process) ?? connector;
      },
      duties: (process) => about.dutiesOf?.(this.processOf(process)) ?? [],
      tokens: () => this.tokens.feed,
    });
    const { now } = this.clock;
    this.environment = about.environment ?? 'qa';
    this.twin = new ExactTwin({
      seed: about.seed,
      origin: 'http://127.0.0.1:3101',
      clock: now,
      epoch: now(),
      environment: this.environment,
    });
    this.client = this.twin.addClient({ id: 'client-1', secret: 's' });
    // A token for every hour of a year would be most of what the model does; its end is `tokens.revokeAll` of the twin.
    this.twin.tokens.tokenSeconds = 100 * 365 * 86_400;
    const credentialId = `${exactEnvironmentId(this.environment)}/client-1`;
    const client = { credentialId, id: 'client-1', secret: 's' };
    this.tokens = new ModelTokens(this.twin, client, this.clock, () => this.credentialChanged());
  }

  /** A practice at the vendor, and a tenant that is active from now on. */
  practice(options: PracticeOptions): ExactPractice {
    const practice = this.twin.addPractice(options);
    const tenant = this.tenantOf(options.id);
    this.detailsRead(tenant, JSON.stringify(practice.details()), this.clock.now());
    this.tenant(tenant);
    return practice;
  }

  /** A practice's tenant as `tenant.v1` has it while it is active. */
  tenantOf(practiceId: string): TenantValue {
    const { environment } = this;
    return exactTenant({ practiceId, environment, tenantId: `exact:${environment}:${practiceId}` });
  }

  /** The vendor assigns other scopes to the client, and the broker has found out. */
  grant(scopes: readonly string[]): void {
    this.client.scopes = scopes;
    this.credentialChanged();
  }

  /** The vendor refuses the client itself from now on, and every token that it has unless these are kept. */
  refuseClient(tokens: 'and its tokens' | 'but not its tokens' = 'and its tokens'): void {
    this.client.secret = 'another';
    if (tokens === 'and its tokens') this.twin.tokens.revokeAll();
  }

  /** The vendor takes the client again, and the broker finds out. */
  takeClient(): void {
    this.client.secret = 's';
    this.tokens.ask(exactScopeText(EXACT_BASE_SCOPES));
  }

  /** A practice's details were read, by whom ever: all processes hear of it. */
  detailsRead(tenant: TenantValue, text: string, observedAt: number): void {
    const value = detailsValue(tenant, text, observedAt, this.about.resources ?? RESOURCES);
    if (value === null) return;
    this.told.set(tenant.tenantId, value);
    for (const { book } of this.processes.values()) book.note(value);
  }

  /** What the vendor grants, as `credential.v1` would say it. */
  private scopes(): ScopeSource & { onChange(listener: () => void): void } {
    return {
      setOf: (resource) => exactScopeSet(resource, this.client.scopes),
      onChange: (listener) => void this.listeners.add(listener),
      isRejected: () => this.tokens.isRejected,
    };
  }

  private credentialChanged(): void {
    for (const listener of this.listeners) listener();
  }

  private processOf(process: VirtualProcess): ExactProcess {
    const known = this.processes.get(process);
    if (known !== undefined) return known;
    const { about, environment } = this;
    const continuation = about.continuation ?? { header: 'x-continuation-token', member: 'continuationToken' };
    const http = new ModelHttp(this.twin, process, about.httpLatencyMs ?? (() => 20));
    const api = {
      apiUrl: this.twin.origin,
      owner: exactEnvironmentId(environment),
      scopes: exactScopeText(EXACT_BASE_SCOPES),
    };
    const rate = new RequestRate(about.maxRequestsPerSecond ?? 500);
    const calls = new ExactCalls(http, this.tokens, rate, api, process);
    const scoped = new CallsByScope(calls, this.scopes(), continuation, TIMEOUT_MS, process.now);
    const book = new PracticeBook();
    for (const value of this.told.values()) book.note(value);
    const gates = new VersionGates(book, about.minimumOf);
    const budget = new PracticeBudget(about.callsPerPracticeHour ?? 600);
    const made = {
      process,
      calls,
      practices: new PracticeCalls(scoped, environment, gates, budget, process.now),
      continuation,
      book,
      gates,
    };
    this.processes.set(process, made);
    return made;
  }

  private connectorOf(process: VirtualProcess): ExactConnector {
    const { about } = this;
    const { practices, continuation, book, gates } = this.processOf(process);
    const {
      resources = RESOURCES,
      pollSeconds = 60,
      farSeconds = 3_600,
      sweepSeconds = 21_600,
      windowPastDays: pastDays = 30,
      nearDays = 3,
      windowFutureDays: futureDays = 365,
      historyDays = 0,
    } = about;
    return new ExactConnector({
      calls: practices,
      apiUrl: this.twin.origin,
      resources: resourceSpecs(resources, {
        pollSeconds,
        farSeconds,
        sweepSeconds,
        hasHistory: historyDays > pastDays,
      }),
      windows: { pastDays, nearDays, futureDays, historyDays },
      continuation,
      scopes: this.scopes(),
      practices: book,
      gates,
      detailsRead: (tenant, text, observedAt) => this.detailsRead(tenant, text, observedAt),
      hardSpanPauseMs: about.hardSpanPauseMs,
      now: process.now,
    });
  }
}
