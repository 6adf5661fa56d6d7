import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@relay/service-kit';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.js';
import { DoorCounts } from '../door/door-counts.js';
import { notHere } from '../door/door-problems.js';
import type { EarlyCheck } from '../door/early-check.js';
import { FailureLimit } from '../door/failure-limit.js';
import { WebhookKeys, type WebhookPath } from './webhook-target.js';

export const WEBHOOK_ROUTE = '/webhooks/provet/:host/:provetId/:trigger/:key';

/** Lets a webhook in when its path carries the key of its tenant and trigger. */
@Injectable()
export class WebhookDoor implements EarlyCheck {
  readonly route = WEBHOOK_ROUTE;
  /** A webhook names one record; the limit leaves room for what the vendor may add. */
  readonly bodyLimit = 16 * 1024;
  private readonly keys: WebhookKeys;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(FailureLimit) private readonly failures: FailureLimit,
    @Inject(DoorCounts) private readonly counts: DoorCounts,
  ) {
    this.keys = new WebhookKeys(config.webhookKeys);
  }

  check(request: FastifyRequest): void {
    const target = this.keys.verify(request.params as WebhookPath);
    if (target === null) throw this.failures.refuse(request, 'webhook', notHere());
    this.counts.keyUsed('webhook', target.entry);
    request.webhookTarget = target;
  }
}
