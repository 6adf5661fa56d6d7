import type { OutgoingRequest, Reply } from '@relay/http-client';
import { pause, systemClock, type Clock } from '@relay/service-kit';
import type { CallFailure, TokenSource } from '@relay/sync-engine';
import { classifyReply, type ExactAnswer } from './classify-reply.js';
import type { RateCaller, RequestRate } from './request-rate.js';

/** A wait up to this is sat out in the call; behind it the lane is told when to come again. */
const SHORT_WAIT_MS = 2_000;

/** The part of `OutgoingHttp` that is used here. */
export interface HttpSender {
  send(request: OutgoingRequest): Promise<Reply>;
}

export interface ExactApi {
  /** `https://api.ex.softwareofexcellence.com`, without a slash at its end. */
  readonly apiUrl: string;
  /** `exact:<environment>`: owner of the client's credential and tokens. */
  readonly owner: string;
  /** Sorted, space-separated: as the token-broker asks for them. */
  readonly scopes: string;
}

export interface ExactRequest {
  /** Below the API's address, beginning with a slash. */
  readonly path: string;
  readonly query?: string;
  /** The path with its variable parts named: what logs and metrics show. */
  readonly route: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Its place in the line of requests; absent: one that may not wait, and is alone of its path. */
  readonly caller?: RateCaller;
}

export interface UsedToken {
  readonly credentialId: string;
  readonly version: number;
}

export type SentAnswer = { readonly answer: ExactAnswer; readonly token: UsedToken | null };

/** One GET to EXACT with the integrator's own token: rate, request, meaning of the status. Never throws for an answer. */
export class ExactCalls {
  constructor(
    private readonly http: HttpSender,
    private readonly tokens: TokenSource,
    private readonly rate: RequestRate,
    readonly api: ExactApi,
    private readonly clock: Pick<Clock, 'now' | 'after'> = systemClock,
  ) {}

  /** The same calls, sharing their request rate, with the token of another scope set. */
  withScopes(scopes: string): ExactCalls {
    return new ExactCalls(this.http, this.tokens, this.rate, { ...this.api, scopes }, this.clock);
  }

  async get(request: ExactRequest): Promise<SentAnswer> {
    const token = this.tokens.tokenOf(this.api.owner, this.api.scopes);
    if (token === null) return { answer: { kind: 'no-token', tookMs: 0 }, token: null };
    const blocked = await this.waitForRate(request);
    if (blocked !== null) return { answer: { ...blocked, tookMs: 0 }, token: null };
    const reply = await this.http.send({
      method: 'GET',
      url: `${this.api.apiUrl}${request.path}${request.query === undefined ? '' : `?${request.query}`}`,
      below: `${this.api.apiUrl}/v1/`,
      route: request.route,
      headers: { accept: 'application/json', authorization: `Bearer ${token.value}`, 'x-api-version': '1.0' },
      timeoutMs: request.timeoutMs,
      signal: request.signal,
    });
    return { answer: classifyReply(reply, this.clock.now(), request.signal.aborted), token };
  }

  /** Version of the token that a call would use now; null when there is none. */
  tokenVersion(): number | null {
    return this.tokens.tokenOf(this.api.owner, this.api.scopes)?.version ?? null;
  }

  /** Tells the broker that this version no longer works. */
  async refused(token: UsedToken): Promise<void> {
    await this.tokens.refused(this.api.owner, token.credentialId, this.api.scopes, token.version);
  }

  private async waitForRate({ signal, path, caller }: ExactRequest): Promise<CallFailure | null> {
    const place = this.rate.place(this.clock.now(), SHORT_WAIT_MS, caller ?? { key: path, urgent: true });
    if (place.kind === 'later') return { kind: 'throttled', retryAfterMs: place.afterMs, local: true };
    if (place.waitMs > 0) await pause(this.clock, place.waitMs, signal);
    for (let left = -1; left !== 0 && !signal.aborted;) {
      left = this.rate.cap.take(this.clock.now());
      if (left > 0) await pause(this.clock, left, signal);
    }
    return signal.aborted ? { kind: 'aborted' } : null;
  }
}
