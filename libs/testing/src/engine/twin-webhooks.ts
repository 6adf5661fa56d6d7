import { TRIGGERS } from '@relay/contracts';
import type { ProvetTwin } from '@relay/vendor-twins';
import type { EngineModel } from './engine-model.js';

/**
 * Carries the twin's webhooks into the model's notices, as the gateway does: at once, and answered 200. What the twin drops,
 * doubles and delays never arrives, arrives twice, and arrives late.
 */
export function carryWebhooks(twin: ProvetTwin, model: EngineModel, tenantIdOf: (id: number) => string): void {
  const { clock } = model;
  let nextAt = Infinity;
  const arm = (): void => {
    const at = twin.deliveries.nextAt;
    if (at === null || at >= nextAt) return;
    nextAt = at;
    clock.after(Math.max(0, at - clock.now()), carry);
  };
  const carry = (): void => {
    nextAt = Infinity;
    for (const { id, tenantId, trigger, recordId } of twin.dueDeliveries(clock.now())) {
      const resource = TRIGGERS.get(trigger)?.resource ?? null;
      model.notice({ tenantId: tenantIdOf(tenantId), trigger, resource, recordId: String(recordId) });
      twin.deliveries.report(id, 200, clock.now());
    }
    arm();
  };
  twin.deliveries.onQueued = arm;
  arm();
}
