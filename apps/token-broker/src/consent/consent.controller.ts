import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { CONFIG, Log, Metrics } from '@relay/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TokenBrokerConfig } from '../config.js';
import { BeginConsent } from './begin-consent.js';
import { clearMark } from './browser-mark.js';
import { OUTCOME_TEXTS, isConsentOutcome, type ConsentOutcome } from './consent-outcomes.js';
import { CONSENT_HEADERS, consentPage } from './consent-page.js';
import { callbackUrlOf } from './consent-parts.js';
import { FinishConsent } from './finish-consent.js';

type QueryValues = Readonly<Record<string, unknown>>;

/** The pages that a practice's manager sees. Reached through the gateway; paths and queries hold secrets and are never logged. */
@Controller('oauth')
export class ConsentController {
  private readonly outcomes;

  constructor(
    @Inject(BeginConsent) private readonly begin: BeginConsent,
    @Inject(FinishConsent) private readonly finish: FinishConsent,
    @Inject(CONFIG) private readonly config: TokenBrokerConfig,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.outcomes = metrics.counter({
      name: 'relay_token_broker_consents_total',
      help: 'Steps of consents, by how they ended; redirected: a person was sent on to the vendor',
      labelNames: ['outcome'],
    });
  }

  @Get('provet/:tenantId/authorize')
  async authorize(
    @Param('tenantId') tenantId: string,
    @Query() query: QueryValues,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.headers(CONSENT_HEADERS);
    // Programs that only check whether a link works must not begin a visit.
    if (request.method === 'HEAD') return void reply.code(200).send();
    const begun = await this.begin.run(tenantId, textOf(query['invite'])).catch((error: unknown) => this.failed(error));
    if (begun.kind === 'page') return this.page(reply, begun.outcome);
    this.outcomes.inc({ outcome: 'redirected' });
    void reply.code(302).header('set-cookie', begun.cookie).header('location', begun.location).send();
  }

  /** The vendor's answer ends in a redirect to the same address without it: no code stays in the browser's address or history. */
  @Get('callback')
  async callback(
    @Query() query: QueryValues,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.headers(CONSENT_HEADERS);
    if (request.method === 'HEAD') return void reply.code(200).send();
    const shown = textOf(query['outcome']);
    if (isConsentOutcome(shown)) return this.page(reply, shown);
    const answer = {
      state: textOf(query['state']),
      code: textOf(query['code']),
      error: textOf(query['error']),
      iss: textOf(query['iss']),
      cookies: request.headers.cookie,
    };
    const { outcome, stateSha256 } = await this.finish.run(answer).catch((error: unknown) => {
      return { outcome: this.failed(error).outcome, stateSha256: null };
    });
    this.outcomes.inc({ outcome });
    const { publicUrl } = this.config;
    if (stateSha256 !== null) void reply.header('set-cookie', clearMark(publicUrl, stateSha256));
    void reply
      .code(303)
      .header('location', `${callbackUrlOf(publicUrl)}?outcome=${outcome}`)
      .send();
  }

  private page(reply: FastifyReply, outcome: ConsentOutcome): void {
    void reply.code(OUTCOME_TEXTS[outcome].status).type('text/html; charset=utf-8').send(consentPage(outcome));
  }

  private failed(error: unknown): { readonly kind: 'page'; readonly outcome: ConsentOutcome } {
    this.log.error({ err: error }, 'consent failed');
    return { kind: 'page', outcome: 'failed' };
  }
}

/** A value that came once; a repeated or structured one is as good as none. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
