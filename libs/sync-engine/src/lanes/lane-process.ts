import { ENGINE_RULES, type EngineRules } from '../core/engine-rules.js';
import type { EngineMetrics } from '../engine-metrics.js';
import type { EngineSurroundings } from '../engine-surroundings.js';
import type { SyncEngineParts } from '../sync-engine-parts.js';
import { CallSlots } from './call-slots.js';
import { GatewayGate } from './gateway-gate.js';
import type { LaneClock } from './lane-clock.js';
import { PresenceWatch } from '../presence/presence-watch.js';
import type { LaneProcess } from './lane-ports.js';
import { ReadingPlaces } from './reading-places.js';

/** What all lanes of a process share: the connector, the rules and limits, the pools of calls. */
export function laneProcess(
  parts: Pick<SyncEngineParts, 'connector' | 'config' | 'log' | 'rules'>,
  surroundings: EngineSurroundings,
  laneClock: LaneClock,
  metrics: EngineMetrics,
  concluded: LaneProcess['concluded'],
): LaneProcess {
  const { connector, config, log } = parts;
  const { clock: time, random, newId, traceparent, fault } = surroundings;
  // A longest pause between tries that an operator has set holds for what is broken or forbidden too.
  const atMost = (pauseMs: number): number => Math.min(pauseMs, config.backoffMaxMs);
  const rules: EngineRules = {
    ...ENGINE_RULES,
    forbiddenProbeMs: atMost(ENGINE_RULES.forbiddenProbeMs),
    parkedRetryMs: atMost(ENGINE_RULES.parkedRetryMs),
    ...(config.noticeGraceSeconds === undefined ? {} : { graceMs: config.noticeGraceSeconds * 1000 }),
    ...(config.overlapSeconds === undefined ? {} : { overlapMs: config.overlapSeconds * 1000 }),
    ...(config.newlyPermittedAtOnce === undefined ? {} : { newlyPermittedAtOnce: config.newlyPermittedAtOnce }),
    ...parts.rules,
  };
  const backoff = { minMs: config.backoffMinMs, maxMs: config.backoffMaxMs };
  const breaker = { ...backoff, failures: config.breakerFailures };
  const slots = new CallSlots(config.laneConcurrency, config.laneSlowConcurrency, rules.slowCallMs, time);
  const presence = new PresenceWatch(log);
  metrics.watchSlots(slots);
  if (connector.placeOf !== undefined) metrics.watchPresence(presence, () => time.now());
  return {
    connector,
    rules,
    log,
    slots,
    breaker,
    backoff,
    clock: laneClock,
    time,
    events: { previous: config.eventPrevious, maxBytes: config.eventMaxBytes },
    gateway: new GatewayGate(breaker, random),
    presence,
    places: new ReadingPlaces(rules.newlyPermittedAtOnce, () => time.now()),
    concurrency: config.tenantConcurrency,
    callTimeoutMs: config.httpAttemptTimeoutMs,
    runId: newId(),
    fault,
    newId,
    traceparent,
    concluded,
    called: (operation, outcome, seconds) => metrics.called(operation, outcome, seconds),
    checked: (reason) => metrics.checked(reason),
    now: () => time.now(),
    random,
  };
}
