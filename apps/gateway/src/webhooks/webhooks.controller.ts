import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { Problem } from '@relay/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyBytes } from '../door/early-check.js';
import { DoorCounts } from '../door/door-counts.js';
import { notDurable } from '../door/door-problems.js';
import { DurableIntake } from '../intake/durable-intake.js';
import { noticeId } from './notice-id.js';
import { readWebhookBody } from './webhook-body.js';
import { WEBHOOK_ROUTE } from './webhook-door.js';
import type { WebhookTarget } from './webhook-target.js';

/**
 * Takes webhooks in. The hottest path of the relay: no pipe, no interceptor, no look-up, one message for each webhook.
 * The vendor counts exactly 200 as success and retries everything else.
 */
@Controller()
export class WebhooksController {
  constructor(
    @Inject(DurableIntake) private readonly intake: DurableIntake,
    @Inject(DoorCounts) private readonly counts: DoorCounts,
  ) {}

  @Post(WEBHOOK_ROUTE)
  async take(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    // The early check has let the request in only with a target.
    const { tenantId, trigger } = request.webhookTarget as WebhookTarget;
    const record = readWebhookBody(bodyBytes(request), request.sentType, trigger);
    if (record === null) throw this.counts.refused('webhook', noRecordId());
    const now = Date.now();
    const outcome = await this.intake.take('notice.v1', tenantId, tenantId, {
      noticeId: noticeId(now),
      tenantId,
      trigger,
      resource: record.resource,
      recordId: record.recordId,
      receivedAt: new Date(now).toISOString(),
    });
    if (outcome === 'unavailable') throw this.counts.refused('webhook', notDurable());
    this.counts.accepted('webhook');
    void reply.code(200).send();
  }
}

function noRecordId(): Problem {
  return new Problem(400, { code: 'no-record-id', detail: 'the body holds no usable record id' });
}
