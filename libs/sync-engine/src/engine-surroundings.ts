import { randomBytes, randomUUID } from 'node:crypto';
import { faultPoint, systemClock, type Clock } from '@relay/service-kit';
import type { StatePace } from '@relay/state-topic';
import type { FaultPoint } from './fault-points.js';

/**
 * All that an engine gets from its process beside its stores and logs. A run on other surroundings, a clock and numbers
 * from a seed, is the same run each time.
 */
export interface EngineSurroundings {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly newId: () => string;
  /** W3C trace context of one sending: a trace of its own, not sampled. */
  readonly traceparent: () => string;
  /** A named place where a test may stop, delay or end the process. */
  readonly fault: (point: FaultPoint) => Promise<void>;
  /** How often rows on their way to the log are looked at; what is not given is as in a service. */
  readonly statePace: Partial<StatePace>;
  /** How often the owner of a shard looks at what the read-back has found wrong. */
  readonly repairMs: number;
}

export const PROCESS_SURROUNDINGS: EngineSurroundings = {
  clock: systemClock,
  random: () => Math.random(),
  newId: () => randomUUID(),
  traceparent: () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
  fault: async (point) => {
    await faultPoint(point);
  },
  statePace: {},
  repairMs: 1_000,
};
