import { Seeded, type FaultEffect, type ResourceName } from '@relay/vendor-twins';
import { STRIKE_POINTS, type Deed, type PlannedResource, type Plan, type Shape, type Step } from './plan.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const RESOURCES = ['client', 'patient', 'appointment', 'invoice'] as const;
/** More in an hour would be held for a person. */
const MOST_DELETIONS = 12;

/** Draws a run from a seed. */
export function drawPlan(seed: string): Plan {
  const random = new Seeded(seed, 'plan');
  const shards = random.chance(0.4) ? 2 : 1;
  const tenants = Array.from({ length: random.between(1, 3) }, (_, at) => ({
    id: 9 + at,
    records: random.chance(0.15) ? random.between(50, 120) : random.between(3, 14),
  }));
  const resources = drawResources(random);
  const activeMs = random.between(12, 30) * MINUTE;
  const draw = new StepDraw(seed, random, { shards, resources, tenants, activeMs });
  return {
    seed,
    tenants,
    resources,
    shards,
    workers: random.chance(0.5) ? 2 : 1,
    httpLatencyMs: random.pick([5, 40, 300]),
    activeMs,
    steps: draw.steps(),
  };
}

function drawResources(random: Seeded): PlannedResource[] {
  const names = [...RESOURCES].sort(() => random.next() - 0.5).slice(0, random.between(1, 3));
  return names.map((name) => {
    const shapes: Shape[] = ['ordinary', 'ordinary', 'ordinary', 'no-delta', 'unannounced'];
    if (name === 'client' || name === 'appointment') shapes.push('list-only');
    const shape = random.pick(shapes);
    return { name, shape, listForm: shape === 'list-only' ? null : random.pick([null, null, 'full', 'reduced']) };
  });
}

function question(random: Seeded) {
  const record = random.below(1_000);
  const records = random.chance(0.5) ? null : Array.from({ length: random.between(1, 4) }, () => random.below(1_000));
  return random.pick([
    { kind: 'verify', record },
    { kind: 'resync', records },
    { kind: 'replay', records },
  ] as const);
}

interface Setting {
  readonly shards: number;
  readonly resources: readonly PlannedResource[];
  readonly tenants: readonly { readonly id: number }[];
  readonly activeMs: number;
}

class StepDraw {
  private deletions = 0;

  constructor(
    private readonly seed: string,
    private readonly random: Seeded,
    private readonly setting: Setting,
  ) {}

  steps(): Step[] {
    const { random, setting } = this;
    const steps: Step[] = [];
    const add = (deed: Deed): number => steps.push({ at: random.below(setting.activeMs), ...deed });
    for (let writes = random.between(8, 45); writes > 0; writes -= 1) add(this.write());
    // Bursts: what hits a reading under way.
    for (let bursts = random.between(0, 4); bursts > 0; bursts -= 1) {
      const at = random.below(setting.activeMs);
      const first = this.change();
      for (let more = random.between(1, 5); more > 0; more -= 1) steps.push({ at: at + random.below(700), ...first });
    }
    if (random.chance(0.7)) {
      for (let faults = random.between(1, 4); faults > 0; faults -= 1) add(this.vendorTrouble());
    }
    if (random.chance(0.7)) {
      for (let faults = random.between(1, 4); faults > 0; faults -= 1) add(this.ownTrouble());
    }
    if (random.chance(0.5)) add({ do: 'webhooks', forMs: setting.activeMs, rates: this.rates() });
    if (random.chance(0.08))
      steps.push(...this.restore(random.below(setting.activeMs), random.between(10, 600) * SECOND));
    steps.push(...this.early(), ...this.operator());
    return steps.sort((a, b) => a.at - b.at);
  }

  /** Changes beside the first reading. */
  private early(): Step[] {
    const random = new Seeded(this.seed, 'early');
    if (!random.chance(0.2)) return [];
    return Array.from({ length: random.between(1, 5) }, () => ({
      at: random.below(10 * SECOND),
      do: 'change' as const,
      tenant: random.pick(this.setting.tenants).id,
      resource: random.pick(this.setting.resources).name,
      record: random.below(1_000),
      notify: random.chance(0.2) ? ('drop' as const) : (true as const),
      visibleAfterMs: random.chance(0.2) ? random.below(20 * SECOND) : 0,
    }));
  }

  /** What operators ask, and deletions that wait for one. */
  private operator(): Step[] {
    const random = new Seeded(this.seed, 'operator');
    const { tenants, resources, activeMs } = this.setting;
    const steps: Step[] = [];
    const where = () => ({ tenant: random.pick(tenants).id, resource: random.pick(resources).name });
    if (random.chance(0.35)) {
      for (let questions = random.between(1, 4); questions > 0; questions -= 1) {
        steps.push({ at: random.below(activeMs), do: 'ask', ...where(), ...question(random) });
      }
    }
    if (random.chance(0.06)) {
      const at = random.below(activeMs / 2);
      const place = where();
      const notify = random.chance(0.5) ? ('drop' as const) : (true as const);
      steps.push({ at, do: 'clear', ...place, most: random.between(21, 40), notify });
      const kind = random.pick(['release-deletions', 'drop-deletions'] as const);
      if (random.chance(0.8)) steps.push({ at: at + random.below(activeMs / 2), do: 'ask', ...place, kind });
    }
    return steps;
  }

  /** A restored database; what was made after the backup may be gone again, before the restore or after it. */
  private restore(at: number, backupMs: number): Step[] {
    const random = new Seeded(this.seed, 'restore');
    const survivorMs = random.chance(0.4) ? random.between(1, 90) * SECOND : null;
    const steps: Step[] = [{ at, do: 'restore', backupMs, survivorMs }];
    // It has its shards since after the backup: the database has forgotten their epochs.
    if (survivorMs !== null && random.chance(0.7)) {
      steps.push({ at: at + Math.floor(backupMs / 3), do: 'kill', where: 'now', worker: 0, awayMs: 50 });
    }
    for (let made = random.between(0, 3); made > 0; made -= 1) {
      const where = {
        tenant: random.pick(this.setting.tenants).id,
        resource: random.pick(this.setting.resources).name,
      };
      const told = { notify: random.chance(0.3) ? ('drop' as const) : (true as const), visibleAfterMs: 0 };
      steps.push({ at: at + Math.floor(random.next() * backupMs * 0.7), do: 'create', ...where, ...told });
      if (random.chance(0.3)) continue;
      const goneAt = at + Math.floor(backupMs * (0.8 + random.next()));
      steps.push({ at: goneAt, do: 'remove', ...where, record: -1, notify: 'drop', visibleAfterMs: 0 });
    }
    return steps;
  }

  private tenant(): number {
    return this.random.pick(this.setting.tenants).id;
  }

  private resource(): ResourceName {
    return this.random.pick(this.setting.resources).name;
  }

  private told() {
    const { random } = this;
    return {
      notify: random.chance(0.25) ? ('drop' as const) : (true as const),
      visibleAfterMs: random.chance(0.2) ? random.between(1, 100) * SECOND : 0,
    };
  }

  private change(): Deed {
    const record = this.random.below(1_000);
    return { do: 'change', tenant: this.tenant(), resource: this.resource(), record, ...this.told() };
  }

  private write(): Deed {
    const { random } = this;
    const pick = { tenant: this.tenant(), resource: this.resource(), record: random.below(1_000) };
    const told = this.told();
    const kind = random.next();
    if (kind < 0.6) return { do: 'change', ...pick, ...told };
    if (kind < 0.75) return { do: 'create', ...pick, ...told };
    if (kind < 0.8) return { do: 'archive', ...pick, ...told };
    if (this.deletions >= MOST_DELETIONS) return { do: 'change', ...pick, ...told };
    this.deletions += 1;
    const { resource } = pick;
    if (kind < 0.9 || (resource !== 'client' && resource !== 'patient')) return { do: 'remove', ...pick, ...told };
    const alias = random.below(1_000);
    return { do: 'merge', tenant: pick.tenant, resource, survivor: pick.record, alias, ...told };
  }

  private rates() {
    const { random } = this;
    return {
      drop: random.pick([0, 0.2]),
      duplicate: random.pick([0, 0.3]),
      late: random.pick([0, 0.2]),
      lateMs: random.between(30, 700) * SECOND,
      reorder: random.pick([0, 0.4]),
      reorderMs: random.between(1, 60) * SECOND,
    };
  }

  private vendorTrouble(): Deed {
    const { random } = this;
    const tenant = this.tenant();
    const resource = this.resource();
    const forMs = random.between(10, 360) * SECOND;
    const kind = random.next();
    if (kind < 0.1) return { do: 'forbid', forMs, tenant, resource };
    if (kind < 0.18) return { do: 'close', forMs, tenant, form: random.pick(['json', 'html']) };
    if (kind < 0.26) {
      return { do: 'ignore-filter', forMs, tenant, filter: `${resource}.${random.pick(['modified__gte', 'id__gt'])}` };
    }
    if (kind < 0.31) return { do: 'suspend', forMs, tenant };
    if (kind < 0.36) return { do: 'slow', forMs, latencyMs: random.between(500, 4_000) };
    const path = random.pick([`/${resource}/\\d+/`, `/${resource}/\\d+/`, `/${resource}/\\?`, `/${resource}/`, '/']);
    const rate = random.pick([1, 1, 0.5, 0.2]);
    return { do: 'vendor-fault', forMs, tenant, path, rate, effect: this.effect(), after: random.chance(0.2) };
  }

  private effect(): FaultEffect {
    const { random } = this;
    const status = random.pick([401, 403, 403, 403, 404, 429, 500, 502, 503, 504, 400, 0, 0, 0]);
    if (status === 0) return { kind: random.pick(['reset', 'hang', 'garbage']) };
    if (status === 404)
      return { kind: 'status', status, body: '<h1>Not found</h1>', headers: { 'content-type': 'text/html' } };
    if (status === 429) return { kind: 'status', status, headers: { 'retry-after': String(random.between(1, 60)) } };
    return { kind: 'status', status };
  }

  private ownTrouble(): Deed {
    const { random } = this;
    const worker = random.below(2);
    const where = random.chance(0.8) ? random.pick(STRIKE_POINTS) : 'now';
    const forMs = random.between(1, 90) * SECOND;
    const kind = random.next();
    if (kind < 0.3) return { do: 'kill', where, worker, awayMs: random.pick([50, 2_000, 40_000]) };
    if (kind < 0.6) {
      // Inside of a transaction the server gives it five seconds.
      if (random.chance(0.3)) {
        const pause = { handOverMs: random.between(20, 900), resumeMs: random.between(1_500, 4_800) };
        return { do: 'freeze', where: 'sync:before-commit', worker, ...pause };
      }
      const handOverMs = random.between(50, 12_000);
      return { do: 'freeze', where, worker, handOverMs, resumeMs: random.pick([20, 3_000, 9_000, 30_000, 120_000]) };
    }
    if (kind < 0.7)
      return { do: 'move-shard', shard: random.below(this.setting.shards), worker, told: random.chance(0.5) };
    if (kind < 0.77) return { do: 'database-away', forMs };
    if (kind < 0.84) return { do: 'log-away', forMs };
    if (kind < 0.92) return { do: 'commits', forMs: 4 * forMs, lost: random.pick([0, 0.3]), answerLost: 0.3 };
    return { do: 'sends', forMs: 4 * forMs, lost: 0.2, answerLost: 0.2, late: random.pick([0, 0.3]) };
  }
}
