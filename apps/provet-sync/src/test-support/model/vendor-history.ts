import { PROVET_RESOURCES, jsonText, type ResourceName } from '@relay/vendor-twins';
import type { ProvetModel } from '../provet-model.js';
import { nameOf, type RecordName, type VendorState } from './evidence.js';
import type { Plan } from './plan.js';

/** What the vendor held, state by state, taken from its twin after each write. */
export class VendorHistory {
  readonly states = new Map<RecordName, VendorState[]>();
  private seen = 0;

  constructor(
    private readonly model: ProvetModel,
    private readonly plan: Plan,
    private readonly tenantIdOf: (id: number) => string,
  ) {
    for (const { id } of plan.tenants) {
      for (const { name } of plan.resources) {
        for (const recordId of model.twin.ids(id, name)) this.note(id, name, recordId, -Infinity, -Infinity);
      }
    }
  }

  /** Notes what was written since the last call. */
  take(visibleAfterMs: number): void {
    const { changes } = this.model.twin;
    for (const { at, tenantId, resource, recordId } of changes.since(this.seen)) {
      if (this.plan.resources.some(({ name }) => name === resource)) {
        this.note(tenantId, resource, recordId, at, at + visibleAfterMs);
      }
    }
    this.seen = changes.total;
  }

  private note(id: number, resource: ResourceName, recordId: number, at: number, visibleAt: number): void {
    const record = this.model.twin.record(id, resource, recordId);
    const text = record === null ? null : jsonText(record, PROVET_RESOURCES.get(resource)?.floats);
    const modified = record?.['modified'];
    const modifiedAt = typeof modified === 'string' ? Date.parse(modified) : null;
    const name = nameOf(this.tenantIdOf(id), resource, String(recordId));
    const states = this.states.get(name);
    if (states === undefined) this.states.set(name, [{ at, visibleAt, modifiedAt, text }]);
    else states.push({ at, visibleAt, modifiedAt, text });
  }
}
