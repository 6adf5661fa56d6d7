import { fullJitter } from '@relay/http-client';
import type { CallSlot } from './call-slots.js';
import { takeFailure } from './call-failure.js';
import type { Lane } from './lane.js';

/** Failures in a row, no call answered in between, after which the passes no longer wait. */
const PATIENCE = 3;
/** Then tried again soon: where the whole tenant was away, it is to be prepared before its first reading gets far. */
const SOON_MS = 60_000;

/** Lets the connector prepare the tenant (notices); runs before its first pass, and again when the tenant has changed. */
export async function prepareTenant(lane: Lane, slot: CallSlot, probing: boolean): Promise<void> {
  const { connector, backoff, random, rules } = lane.process;
  if (connector.prepare === undefined) return;
  const { version } = lane.tenant;
  const outcome = await slot.during(connector.prepare(lane.callContext('live', probing)));
  const now = lane.process.now();
  if (outcome.kind === 'ready') {
    lane.answered();
    lane.setState({
      preparedVersion: version,
      preparedBy: connector.preparesBy ?? null,
      prepareAt: outcome.againAt,
      noticesFor: outcome.noticesFor,
      prepareReason: outcome.reason,
    });
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
    lane.setState({ prepareAt: now + least });
    return;
  }
  giveWay(lane, version, now + rules.forbiddenProbeMs);
}

/** The passes run without it. */
function giveWay(lane: Lane, version: number, prepareAt: number): void {
  const preparedBy = lane.process.connector.preparesBy ?? null;
  lane.setState({ preparedVersion: version, preparedBy, prepareAt, prepareReason: 'not-prepared' });
}
