import { raisedAt, type Raised } from '../core/effects.js';
import type { Asked, RecordRef } from '../core/model.js';
import type { Connector } from '../ports/connector.js';

/** A record that is to be read because an operator wants it to be. What it brings is what a check has found. */
export function askedRecord(connector: Connector, ref: RecordRef, asked: Asked): Raised {
  const hasNotices = connector.resources.find(({ name }) => name === ref.resource)?.hasNotices ?? false;
  return raisedAt(asked.at, ref, hasNotices ? 'reconcile' : 'poll', { detail: { asked } });
}
