import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '@relay/service-kit';
import type { FastifyRequest } from 'fastify';
import { DoorCounts, type DoorKind } from './door-counts.js';
import { FailureCounts, sourceOf } from './failure-counts.js';

/** A mistyped address fails a few times; a hundred a minute is somebody guessing. */
const RULES = { limit: 100, windowMs: 60_000, sources: 10_000 };

/**
 * Throttles failures, and only those. Whether a secret or key is right is found out first, so one that is right passes
 * whatever else came from the same address: behind one address there may be a whole vendor.
 */
@Injectable()
export class FailureLimit {
  private readonly counts = new FailureCounts(RULES);

  constructor(@Inject(DoorCounts) private readonly doors: DoorCounts) {}

  /** Counts a failure of the request's source. Gives back what to throw: the problem, or a 429 when there were too many. */
  refuse(request: Pick<FastifyRequest, 'ip'>, kind: DoorKind, problem: Problem): Problem {
    const waitMs = this.counts.failed(sourceOf(request.ip), Date.now());
    return this.doors.refused(kind, waitMs === 0 ? problem : tooManyFailures(waitMs));
  }
}

function tooManyFailures(waitMs: number): Problem {
  return new Problem(429, {
    code: 'too-many-failures',
    detail: 'too many requests from this address carried a wrong secret or key',
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
  });
}
