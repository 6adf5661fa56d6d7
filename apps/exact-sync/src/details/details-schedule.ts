import type { TenantValue } from '@relay/contracts';

const DAY = 86_400_000;
/** Something is wrong that the details tell the end of: an update, a subscription that works again. */
const OFTEN = 900_000;

/** Whose details are read: a practice that waits to become active at once, one that lacks something often, others daily. */
export type Urgency = 'now' | 'often' | 'daily' | 'never';

export function urgencyOf(tenant: TenantValue): Urgency {
  if (tenant.vendor !== 'exact') return 'never';
  switch (tenant.state) {
    case 'pending':
      return 'now';
    case 'active':
      return 'daily';
    case 'suspended':
      // An update of the practice's software is the only way out of the one; a harmless call that is answered of the other.
      return tenant.reason === 'version-too-old' || tenant.reason === 'subscription-lost' ? 'often' : 'never';
    case 'awaiting-consent':
    case 'withdrawn':
    case 'purged':
      return 'never';
    default:
      return tenant.state satisfies never;
  }
}

interface Entry {
  tenant: TenantValue;
  urgency: Urgency;
  dueAt: number;
  failures: number;
  running: boolean;
}

/** Which practices of a shard are due for a reading of their details. Holds no timer: it is asked. */
export class DetailsSchedule {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly random: () => number = Math.random) {}

  /** A tenant was loaded or has changed. */
  note(tenant: TenantValue, now: number): void {
    const urgency = urgencyOf(tenant);
    const known = this.entries.get(tenant.tenantId);
    if (urgency === 'never') {
      this.entries.delete(tenant.tenantId);
      return;
    }
    if (!known) {
      // After a restart the day's readings are spread over the day.
      const dueAt = urgency === 'now' ? now : now + this.random() * paceOf(urgency);
      this.entries.set(tenant.tenantId, { tenant, urgency, dueAt, failures: 0, running: false });
      return;
    }
    const becamePending = urgency === 'now' && known.tenant.version !== tenant.version;
    known.tenant = tenant;
    known.urgency = urgency;
    if (urgency === 'often') known.dueAt = Math.min(known.dueAt, now + this.random() * OFTEN);
    if (becamePending) {
      known.dueAt = now;
      known.failures = 0;
    }
  }

  /** Takes up to `limit` practices that are due; each must be settled afterwards. */
  take(now: number, limit: number): TenantValue[] {
    const taken: TenantValue[] = [];
    for (const entry of this.entries.values()) {
      if (taken.length >= limit) break;
      if (entry.running || entry.dueAt > now) continue;
      entry.running = true;
      taken.push(entry.tenant);
    }
    return taken;
  }

  /** `null` = read. Else how long to wait, given how often it has failed in a row. `lacks`: it is too old for something. */
  settle(tenantId: string, now: number, backoffMs: ((failures: number) => number) | null, lacks = false): void {
    const entry = this.entries.get(tenantId);
    if (!entry) return;
    entry.running = false;
    if (backoffMs === null) {
      entry.failures = 0;
      entry.dueAt = now + (lacks ? OFTEN : paceOf(entry.urgency)) * (0.9 + this.random() * 0.2);
      return;
    }
    entry.failures += 1;
    entry.dueAt = now + backoffMs(entry.failures);
  }
}

function paceOf(urgency: Urgency): number {
  return urgency === 'often' ? OFTEN : DAY;
}
