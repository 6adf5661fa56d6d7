import type { OutgoingRequest, Reply } from '@relay/http-client';
import { pause, systemClock, type Clock } from '@relay/service-kit';
import type { CallContext, SpendingBook, TokenSource } from '@relay/sync-engine';
import { classifyReply, type ProvetAnswer } from './classify-reply.js';
import type { HostCeiling } from './host-ceiling.js';
import { apiBase } from './provet-address.js';
import type { BudgetUse, TenantBudgets } from './tenant-budgets.js';

/** The only scope that records need; the token-broker asks for the same. */
export const PROVET_SCOPES = 'restapi';
/** Live work sits out a wait up to this; any longer one goes back to the lane as a time to try again. */
const SHORT_WAIT_MS = 2_000;
/** A call that follows another one of the same piece of work. It is in the pool of slow calls by then. */
const FOLLOWING_WAIT_MS = 30_000;

export interface ProvetRequest {
  readonly method: 'GET' | 'OPTIONS' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/0.1/`, ending in a slash. */
  readonly path: string;
  /** Encoded, without `?`. */
  readonly query?: string;
  /** The path with its variable parts named: what logs and metrics show. */
  readonly route: string;
  readonly budget: BudgetUse;
  readonly json?: unknown;
}

/** A call's answer once the token has been dealt with. */
export type CallAnswer = Exclude<ProvetAnswer, { kind: 'token-refused' }>;

/** The part of `OutgoingHttp` that is used here. */
export interface HttpSender {
  send(request: OutgoingRequest): Promise<Reply>;
}

/** One call to a tenant's API: budget, token, request, meaning of the answer. Never throws for what the vendor does. */
export class ProvetCalls {
  /** Pieces of work that have made a call. */
  private readonly begun = new WeakSet<CallContext>();

  constructor(
    private readonly http: HttpSender,
    private readonly tokens: TokenSource,
    private readonly budgets: TenantBudgets,
    private readonly clock: Pick<Clock, 'now' | 'after'> = systemClock,
    private readonly ceiling: HostCeiling | null = null,
  ) {}

  async send(call: CallContext, request: ProvetRequest): Promise<CallAnswer> {
    const { tenant } = call;
    const base = apiBase(tenant);
    if (base === null) return { kind: 'record-fault', detail: 'tenant-without-address', tookMs: 0 };
    const { credentialId } = tenant;
    const token = credentialId === null ? null : this.tokens.token(credentialId, PROVET_SCOPES);
    if (credentialId === null || token === null) return { kind: 'no-token', tookMs: 0 };
    const waitMs = await this.waitForBudget(call, request.budget);
    if (call.signal.aborted) return { kind: 'aborted', tookMs: 0 };
    if (waitMs > 0) return { kind: 'throttled', retryAfterMs: waitMs, local: true, tookMs: 0 };

    const reply = await this.http.send(outgoing(base, request, token.value, call));
    const answer = classifyReply(reply, this.clock.now(), call.signal.aborted);
    if (answer.kind === 'token-refused') {
      await this.tokens.refused(tenant.tenantId, credentialId, PROVET_SCOPES, token.version);
      return { kind: 'unauthorized', tokenVersion: token.version, tookMs: answer.tookMs };
    }
    if (answer.kind === 'throttled') {
      this.budgets.correct(tenant.tenantId, request.budget, answer.retryAfterMs, this.clock.now());
    }
    return answer;
  }

  /** How the engine keeps what is spent, for a tenant's next owner. */
  get spending(): SpendingBook {
    return this.budgets.book(() => this.clock.now());
  }

  /** What long readings may spend of a limit in a minute; null = without end. */
  roomOf(limit: number): number | null {
    return this.budgets.roomOf(limit);
  }

  /** 0 = taken; else how long until it is worth asking again. */
  private async waitForBudget(call: CallContext, use: BudgetUse): Promise<number> {
    let leftMs = this.mostWaitMs(call);
    let waitMs = this.take(call, use);
    while (waitMs > 0 && waitMs <= leftMs) {
      leftMs -= waitMs;
      await pause(this.clock, waitMs, call.signal);
      if (call.signal.aborted) return 0;
      waitMs = this.take(call, use);
    }
    if (waitMs === 0) this.begun.add(call);
    return waitMs;
  }

  /** Work of several calls that is under way waits on the spot: begun anew, it would be stopped at its second call for ever. */
  private mostWaitMs(call: CallContext): number {
    if (call.work !== 'live') return 0;
    return this.begun.has(call) ? FOLLOWING_WAIT_MS : SHORT_WAIT_MS;
  }

  /** The host's turn first: what a tenant may spend is not to be lost to a call that is not made. */
  private take({ tenant, work }: CallContext, use: BudgetUse): number {
    const now = this.clock.now();
    const { tenantId, host } = tenant;
    const turnIn = this.ceiling?.waitMs(host ?? '', tenantId, now) ?? 0;
    if (turnIn > 0) return turnIn;
    const taken = this.budgets.take(tenantId, use, work, now);
    if (taken.ok) this.ceiling?.sent(host ?? '', tenantId, now);
    else this.ceiling?.passed(host ?? '', tenantId);
    return taken.ok ? 0 : Math.max(1, taken.waitMs);
  }
}

function outgoing(base: string, request: ProvetRequest, token: string, call: CallContext): OutgoingRequest {
  return {
    method: request.method,
    url: `${base}${request.path}${request.query === undefined ? '' : `?${request.query}`}`,
    below: base,
    route: `/{provet_id}/api/0.1/${request.route}`,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
    timeoutMs: call.timeoutMs,
    signal: call.signal,
  };
}
