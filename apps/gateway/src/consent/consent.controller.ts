import { Controller, Get, Inject, Param, Req, Res, type OnApplicationShutdown } from '@nestjs/common';
import { OutgoingHttp, type Reply } from '@relay/http-client';
import { CONFIG, Log, Metrics, Problem } from '@relay/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.js';
import { DoorCounts } from '../door/door-counts.js';
import { notHere } from '../door/door-problems.js';
import { FailureLimit } from '../door/failure-limit.js';
import { AWAY_PAGE, PAGE_HEADERS, TOO_MANY_PAGE } from './away-page.js';
import { authorizeRequest, callbackRequest, passedBack, type ConsentRequest } from './consent-request.js';

/** Begins a visit: at most a look-up and one read at the vendor. */
const AUTHORIZE_TIMEOUT_MS = 5000;
/** Ends one: the vendor is asked for a token, which must not be cut off in the middle. Still below the 10 s of a 503. */
const CALLBACK_TIMEOUT_MS = 9000;
const MAX_BYTES = 64 * 1024;

/** Passes the consent pages on to the token-broker, which alone holds what they need. Nothing of them is read or kept here. */
@Controller('oauth')
export class ConsentController implements OnApplicationShutdown {
  private readonly http: OutgoingHttp;

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(FailureLimit) private readonly limit: FailureLimit,
    @Inject(DoorCounts) private readonly counts: DoorCounts,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) metrics: Metrics,
  ) {
    const common = { attemptTimeoutMs: AUTHORIZE_TIMEOUT_MS, connectionsPerHost: 16, log, metrics };
    // One address, given by the configuration.
    this.http = new OutgoingHttp({ ...common, allow: null, allowHttp: true });
  }

  @Get('provet/:tenantId/authorize')
  async authorize(
    @Param('tenantId') tenantId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const passed = authorizeRequest(tenantId, request.raw.url ?? '', request.headers.cookie);
    const answer = await this.ask(request, passed, AUTHORIZE_TIMEOUT_MS);
    if (answer?.status === 404) {
      const refusal = this.limit.refuse(request, 'consent', notHere());
      if (refusal.getStatus() === 429) return this.tooMany(reply, refusal);
    }
    this.answer(reply, answer);
  }

  @Get('callback')
  async callback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const passed = callbackRequest(request.raw.url ?? '', request.headers.cookie);
    this.answer(reply, await this.ask(request, passed, CALLBACK_TIMEOUT_MS));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.http.close();
  }

  private async ask(
    request: FastifyRequest,
    { path, route, headers }: ConsentRequest,
    timeoutMs: number,
  ): Promise<Extract<Reply, { kind: 'response' }> | null> {
    const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
    const url = `${this.config.tokenBrokerUrl}${path}`;
    const reply = await this.http.send({ method, url, route, headers, timeoutMs, maxBytes: MAX_BYTES });
    if (reply.kind === 'response') return reply;
    this.log.warn({ route, fault: reply.fault }, 'the token-broker gives no answer');
    return null;
  }

  private answer(reply: FastifyReply, answer: Extract<Reply, { kind: 'response' }> | null): void {
    // The broker answers every consent in HTML or with a redirect; anything else comes from somebody on the way to it.
    const isPage = answer !== null && (answer.headers['content-type']?.startsWith('text/html') || answer.status < 400);
    if (!isPage) {
      this.counts.refused('consent', { code: 'broker-away' });
      void reply.code(503).headers(PAGE_HEADERS).header('retry-after', '5').send(AWAY_PAGE);
      return;
    }
    void reply.code(answer.status).headers(passedBack(answer.headers)).send(answer.text);
  }

  private tooMany(reply: FastifyReply, refusal: Problem): void {
    void reply
      .code(429)
      .headers({ ...PAGE_HEADERS, ...refusal.headers })
      .send(TOO_MANY_PAGE);
  }
}
