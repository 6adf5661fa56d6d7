import { fullJitter } from '@relay/http-client';
import type { CallSlot } from './call-slots.js';
import { forbid, resourceAllowed, takeFailure } from './call-failure.js';
import { cursorOp } from './lane-ops.js';
import type { LastPreparation, PrepareOutcome } from '../ports/call-outcomes.js';
import type { LaneState } from '../core/lane-state.js';
import type { Lane } from './lane.js';

type Prepared = Extract<PrepareOutcome, { kind: 'ready' }>;

/** Failures in a row, no call answered in between, after which the passes no longer wait. */
const PATIENCE = 3;
/** Then tried again soon: where the whole tenant was away, it is to be prepared before its first reading gets far. */
const SOON_MS = 60_000;

/** Lets the connector prepare the tenant (notices); runs before its first pass, and again when the tenant has changed. */
export async function prepareTenant(lane: Lane, slot: CallSlot, probing: boolean): Promise<void> {
  const { connector, backoff, random, rules } = lane.process;
  if (connector.prepare === undefined) return;
  const { version } = lane.tenant;
  const wish = lane.state.prepareWish ?? null;
  const last = { memo: lane.state.prepareMemo ?? null, why: whyOf(lane) };
  const outcome = await slot.during(connector.prepare(lane.callContext('live', probing), last));
  const now = lane.process.now();
  if (outcome.kind === 'ready') {
    lane.answered();
    lane.setState({
      preparedVersion: version,
      preparedBy: connector.preparesBy ?? null,
      prepareAt: outcome.againAt,
      noticesFor: outcome.noticesFor,
      noticesOnceFor: onceFor(lane.state, outcome),
      prepareReason: outcome.reason,
      preparedAt: now,
      prepareHeld: false,
      // What was wished for meanwhile is still to come.
      prepareWish: lane.state.prepareWish === wish ? null : (lane.state.prepareWish ?? null),
      notices: outcome.notices ?? null,
      access: { ...lane.state.access, ...outcome.access },
      prepareMemo: outcome.memo ?? null,
    });
    takeAccess(lane, outcome.access ?? {});
    await checkSoon(lane, outcome.checkSoon ?? []);
    return;
  }
  lane.process.called('prepare', outcome.kind, outcome.tookMs / 1000);
  if (takeFailure(lane, outcome, { spec: null, work: 'live', entry: null }) === 'held') {
    // Only this endpoint may be down: what else the tenant has to give must not wait for it for ever.
    if (outcome.kind === 'unavailable' && lane.state.breaker.failures >= PATIENCE) {
      return giveWay(lane, version, now + Math.min(SOON_MS, rules.forbiddenProbeMs));
    }
    const least =
      outcome.kind === 'throttled' ? outcome.retryAfterMs : fullJitter({ ...backoff, maxMs: 60_000 }, 1, random);
    lane.setState({ prepareAt: now + least, prepareHeld: true });
    return;
  }
  giveWay(lane, version, now + rules.forbiddenProbeMs);
}

/** Where notices are not wanted any more nothing can be missed. */
function onceFor({ noticesOnceFor = [] }: LaneState, { notices, noticesFor }: Prepared): string[] {
  return notices?.otherwise === 'off' ? [] : [...new Set([...noticesOnceFor, ...noticesFor])];
}

function whyOf({ state, tenant, process }: Lane): LastPreparation['why'] {
  const isSame =
    state.preparedVersion === tenant.version && (state.preparedBy ?? null) === (process.connector.preparesBy ?? null);
  return isSame ? (state.prepareWish ?? 'due') : 'anew';
}

/** What was found out about permissions counts as if a page had been asked for. */
function takeAccess(lane: Lane, access: NonNullable<LaneState['access']>): void {
  const until = lane.process.now() + lane.process.rules.forbiddenProbeMs;
  for (const { name } of lane.process.connector.resources) {
    const standing = access[name]?.standing;
    if (standing === 'ok') resourceAllowed(lane, name);
    else if (standing === 'forbidden' && lane.facts(name).forbiddenUntil === null) forbid(lane, name, until, null);
  }
}

/** Looks for changes at once. What is found was not announced, and is judged as ever. */
async function checkSoon(lane: Lane, resources: readonly string[]): Promise<void> {
  const now = lane.process.now();
  for (const { name, passes } of lane.process.connector.resources) {
    if (!resources.includes(name)) continue;
    for (const pass of passes.filter(({ reads }) => reads === 'changed')) {
      const cursor = lane.cursor(name, pass.name);
      if (cursor.running || (cursor.startedAt !== null && cursor.nextAttemptAt <= now)) continue;
      // One that has never run would wait for its first pause.
      const sooner = { ...cursor, startedAt: cursor.startedAt ?? 0, nextAttemptAt: now };
      lane.setCursor(name, sooner);
      await lane.shard.submit(cursorOp(lane.tenantId, name, sooner));
    }
  }
}

/** The passes run without it. */
function giveWay(lane: Lane, version: number, prepareAt: number): void {
  const preparedBy = lane.process.connector.preparesBy ?? null;
  lane.setState({ preparedVersion: version, preparedBy, prepareAt, prepareHeld: true, prepareReason: 'not-prepared' });
}
