import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Problem } from '@relay/service-kit';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.js';
import { DoorCounts } from '../door/door-counts.js';
import { notHere } from '../door/door-problems.js';
import type { EarlyCheck } from '../door/early-check.js';
import { FailureLimit } from '../door/failure-limit.js';
import { isJsonType, mediaTypeOf } from '../door/media-type.js';
import { HookupSecrets } from './hookup-secrets.js';

export const HOOKUP_ROUTE = '/hookup/provet/:secret';

/** Lets a registration in when its path carries the hookup secret, and then only as JSON. */
@Injectable()
export class HookupDoor implements EarlyCheck {
  readonly route = HOOKUP_ROUTE;
  readonly bodyLimit = 64 * 1024;
  private readonly secrets: HookupSecrets;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(DoorCounts) private readonly counts: DoorCounts,
    @Inject(FailureLimit) private readonly failures: FailureLimit,
  ) {
    this.secrets = new HookupSecrets(config.hookupSecrets);
  }

  check(request: FastifyRequest): void {
    const entry = this.secrets.entryOf((request.params as { secret: string }).secret);
    if (entry === null) throw this.failures.refuse(request, 'hookup', notHere());
    this.counts.keyUsed('hookup', entry);
    if (request.sentType !== undefined && !isJsonType(mediaTypeOf(request.sentType))) {
      throw this.counts.refused('hookup', notJsonType());
    }
  }
}

function notJsonType(): Problem {
  return new Problem(415, { code: 'unsupported-media-type', detail: 'a registration must be JSON' });
}
