import { fullJitter } from '@relay/http-client';
import type { CallSlot } from './call-slots.js';
import { takeFailure } from './call-failure.js';
import type { Lane } from './lane.js';

/** What cannot be prepared for a reason of its own is tried again after this; the passes run meanwhile. */
const AGAIN_MS = 3_600_000;

/** Lets the connector prepare the tenant (notices); runs before its first pass, and again when the tenant has changed. */
export async function prepareTenant(lane: Lane, slot: CallSlot, probing: boolean): Promise<void> {
  const { connector, backoff, random } = lane.process;
  if (connector.prepare === undefined) return;
  const { version } = lane.tenant;
  const outcome = await slot.during(connector.prepare(lane.callContext('live', probing)));
  const now = lane.process.now();
  if (outcome.kind === 'ready') {
    lane.answered();
    lane.setState({
      preparedVersion: version,
      prepareAt: outcome.againAt,
      noticesFor: outcome.noticesFor,
      prepareReason: outcome.reason,
    });
    return;
  }
  lane.process.called('prepare', outcome.kind, outcome.tookMs / 1000);
  if (takeFailure(lane, outcome, { spec: null, work: 'live', entry: null }) === 'held') {
    const least =
      outcome.kind === 'throttled' ? outcome.retryAfterMs : fullJitter({ ...backoff, maxMs: 60_000 }, 1, random);
    lane.setState({ prepareAt: now + least });
    return;
  }
  lane.setState({ preparedVersion: version, prepareAt: now + AGAIN_MS, prepareReason: 'not-prepared' });
}
