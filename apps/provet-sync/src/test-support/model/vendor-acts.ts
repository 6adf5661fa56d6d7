import type { ResourceName } from '@relay/vendor-twins';
import type { ProvetModel } from '../provet-model.js';
import type { Step } from './plan.js';
import type { VendorHistory } from './vendor-history.js';

type VendorStep = Exclude<
  Step,
  | { do: 'suspend' | 'slow' | 'kill' | 'freeze' | 'move-shard' | 'restore' | 'commits' | 'sends' }
  | { do: 'database-away' | 'log-away' }
>;

/** What happens at the vendor. */
export class VendorActs {
  private changes = 0;

  constructor(
    private readonly model: ProvetModel,
    private readonly history: VendorHistory,
    private readonly later: (ms: number, run: () => void) => void,
  ) {}

  act(step: VendorStep): void {
    const { twin } = this.model;
    switch (step.do) {
      case 'change':
      case 'archive':
      case 'remove':
      case 'create':
      case 'merge':
        this.write(step);
        return this.history.take(step.visibleAfterMs);
      case 'webhooks': {
        twin.setWebhookRates(step.rates);
        return this.later(step.forMs, () => twin.setWebhookRates({ drop: 0, duplicate: 0, late: 0, reorder: 0 }));
      }
      case 'vendor-fault': {
        const { tenant, path, rate, effect, after } = step;
        const id = twin.faults.add({ scope: String(tenant), method: 'GET', path, rate, effect, after });
        return this.later(step.forMs, () => {
          twin.faults.remove(id);
          // A token that was refused is replaced, as the broker does.
          if (effect.kind === 'status' && effect.status === 401) this.model.renewToken(tenant);
        });
      }
      case 'forbid': {
        const tenant = twin.tenant(step.tenant);
        tenant.forbid(step.resource);
        return this.later(step.forMs, () => tenant.forbid(step.resource, false));
      }
      case 'close': {
        const { switches } = twin.tenant(step.tenant);
        switches.closed = step.form;
        return this.later(step.forMs, () => (switches.closed = 'no'));
      }
      case 'ignore-filter': {
        const { ignoredFilters } = twin.tenant(step.tenant).switches;
        ignoredFilters.add(step.filter);
        return this.later(step.forMs, () => void ignoredFilters.delete(step.filter));
      }
      default:
        return step satisfies never;
    }
  }

  calm(tenants: readonly number[]): void {
    for (const id of tenants) this.model.renewToken(id);
  }

  private write(step: Extract<VendorStep, { visibleAfterMs: number }>): void {
    const { twin } = this.model;
    const { tenant, resource, notify, visibleAfterMs } = step;
    const told = { notify, visibleAfterMs };
    this.changes += 1;
    const mark = { [MARKS[resource] ?? 'remarks']: `change ${this.changes}` };
    if (step.do === 'create') return void twin.put(tenant, resource, null, mark, told);
    if (step.do === 'merge') {
      const [survivor, alias] = [step.survivor, step.alias].map((number) => this.pick(tenant, resource, number));
      if (survivor === null || survivor === undefined || alias === null || alias === undefined) return;
      if (survivor !== alias) twin.merge(tenant, step.resource, { survivor, alias }, told);
      return;
    }
    const record = this.pick(tenant, resource, step.record);
    if (record === null) return;
    if (step.do === 'remove') twin.remove(tenant, resource, record, told);
    else twin.put(tenant, resource, record, step.do === 'archive' ? { ...mark, archived: true } : mark, told);
  }

  private pick(tenant: number, resource: ResourceName, number: number): number | null {
    const ids = this.model.twin.ids(tenant, resource);
    return (number < 0 ? ids.at(number) : ids[number % ids.length]) ?? null;
  }
}

/** A member of each resource that takes any text. */
const MARKS: Partial<Record<ResourceName, string>> = {
  client: 'firstname',
  patient: 'name',
  appointment: 'complaint',
  consultation: 'complaint',
  invoice: 'remarks',
};
