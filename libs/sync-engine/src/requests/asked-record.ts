import type { Raised } from '../core/effects.js';
import type { Asked, RecordRef } from '../core/model.js';
import type { Connector } from '../ports/connector.js';

/** A record that is to be read because an operator wants it to be. What it brings is what a check has found. */
export function askedRecord(connector: Connector, { tenantId, resource, recordId }: RecordRef, asked: Asked): Raised {
  const hasNotices = connector.resources.find(({ name }) => name === resource)?.hasNotices ?? false;
  return {
    tenantId,
    resource,
    recordId,
    cause: hasNotices ? 'reconcile' : 'poll',
    trigger: null,
    deleteTrigger: false,
    firstNoticeAt: null,
    lastNoticeAt: null,
    notices: 0,
    attempts: 0,
    nextAttemptAt: asked.at,
    parked: false,
    pass: null,
    runId: null,
    detail: { asked },
  };
}
