import type { TwinRecord } from '../json.js';
import { Seeded } from '../seeded.js';
import { DAY, stamp } from '../times.js';
import { CITIES, COMPLAINTS, FIRST_NAMES, STREETS } from '../words.js';
import { writeRecord } from './changes.js';
import { appointmentTimes, slot } from './records/appointment.js';
import { link, type ResourceName } from './records/context.js';
import { CONSULTATION_LIFE } from './records/consultation.js';
import { INVOICE_DRAFT, INVOICE_FINALIZED } from './records/invoice.js';
import type { ProvetTenant } from './tenant.js';
import type { ProvetChange, ProvetWorld } from './world.js';

type Act = (tenant: ProvetTenant, random: Seeded) => void;

/** A day at the clinics: seeded changes that look like work. One step is one act in one tenant. */
export class ProvetLife {
  readonly #world: ProvetWorld;
  readonly #tenants: ReadonlyMap<number, ProvetTenant>;
  #steps = 0;
  /** What happens, more frequent acts more often. */
  readonly #acts: readonly Act[] = [
    (tenant, random) => this.#moveAppointment(tenant, random),
    (tenant, random) => this.#moveAppointment(tenant, random),
    (tenant, random) => this.#progressConsultation(tenant, random),
    (tenant, random) => this.#progressConsultation(tenant, random),
    (tenant, random) => this.#progressConsultation(tenant, random),
    (tenant, random) => this.#settleInvoice(tenant, random),
    (tenant, random) => this.#bookAppointment(tenant, random),
    (tenant, random) => this.#moveHouse(tenant, random),
    (tenant, random) => this.#weighPatient(tenant, random),
    (tenant, random) => this.#welcomeClient(tenant, random),
  ];

  constructor(world: ProvetWorld, tenants: ReadonlyMap<number, ProvetTenant>) {
    this.#world = world;
    this.#tenants = tenants;
  }

  /** The newest change it made; null when there is no tenant to live in. */
  step(): ProvetChange | null {
    const random = new Seeded(this.#world.seed, 'provet-life', this.#steps++);
    const tenants = [...this.#tenants.values()];
    if (tenants.length === 0) return null;
    const before = this.#world.changes.total;
    random.pick(this.#acts)(random.pick(tenants), random);
    return this.#world.changes.since(before).at(-1) ?? null;
  }

  #moveAppointment(tenant: ProvetTenant, random: Seeded): void {
    const [id, record] = this.#pickRecord(tenant, 'appointment', random) ?? [];
    if (id === undefined || record === undefined) return this.#bookAppointment(tenant, random);
    const fields: TwinRecord = random.chance(0.15)
      ? { active: 0, cancellation_reason_text: 'The client called' }
      : { ...this.#slotAhead(random), active: 1, confirmed: random.chance(0.5) };
    this.#write(tenant, 'appointment', id, fields);
  }

  #bookAppointment(tenant: ProvetTenant, random: Seeded): void {
    const complaint = random.pick(COMPLAINTS);
    this.#write(tenant, 'appointment', null, { ...this.#slotAhead(random), complaint, active: 1, consultation: null });
  }

  #progressConsultation(tenant: ProvetTenant, random: Seeded): void {
    const [id, record] = this.#pickRecord(tenant, 'consultation', random) ?? [];
    const at = CONSULTATION_LIFE.findIndex((status) => status === record?.['status']);
    const next = CONSULTATION_LIFE[at + 1];
    if (id === undefined || at < 0 || next === undefined) return this.#admit(tenant, random);
    const now = stamp(this.#world.clock(), tenant.context.offsetMinutes);
    if (next === 8) return this.#write(tenant, 'consultation', id, { status: next, first_entry: now, started: now });
    if (next === 6) return this.#write(tenant, 'consultation', id, { status: next, finished: now, ended: now });
    if (next === 7 && (record?.['invoice'] ?? null) === null) {
      const invoice = writeRecord(this.#world, tenant, 'invoice', null, {
        status: INVOICE_DRAFT,
        invoice_number: null,
        consultation: link(tenant.context, 'consultation', id),
        client: record?.['client'] ?? null,
        patients: record?.['patients'] ?? [],
      });
      return this.#write(tenant, 'consultation', id, { status: next, invoice: invoice['url'] ?? null });
    }
    this.#write(tenant, 'consultation', id, { status: next });
  }

  #admit(tenant: ProvetTenant, random: Seeded): void {
    const now = stamp(this.#world.clock(), tenant.context.offsetMinutes);
    const fields = { status: 0, complaint: random.pick(COMPLAINTS), admitted_time: now, invoice: null };
    this.#write(tenant, 'consultation', null, {
      ...fields,
      first_entry: null,
      started: null,
      finished: null,
      ended: null,
    });
  }

  #settleInvoice(tenant: ProvetTenant, random: Seeded): void {
    const [id, record] = this.#pickRecord(tenant, 'invoice', random) ?? [];
    if (id === undefined || record === undefined) return this.#progressConsultation(tenant, random);
    if (record['status'] === INVOICE_DRAFT) {
      return this.#write(tenant, 'invoice', id, { status: INVOICE_FINALIZED, invoice_number: 10_000_000_000 + id });
    }
    if (record['due_sum'] === 0) return this.#progressConsultation(tenant, random);
    this.#write(tenant, 'invoice', id, {
      due_sum: 0,
      client_due_sum: 0,
      date_paid: stamp(this.#world.clock(), tenant.context.offsetMinutes),
      invoice_payment: [link(tenant.context, 'invoicepayment', id)],
    });
  }

  #moveHouse(tenant: ProvetTenant, random: Seeded): void {
    const [id] = this.#pickRecord(tenant, 'client', random) ?? [];
    if (id === undefined) return this.#welcomeClient(tenant, random);
    const city = random.pick(CITIES);
    const street_address = `${random.pick(STREETS)} ${random.between(1, 200)}`;
    this.#write(tenant, 'client', id, { street_address, zip_code: city.zip, city: city.name, country: city.country });
  }

  #welcomeClient(tenant: ProvetTenant, random: Seeded): void {
    this.#write(tenant, 'client', null, { firstname: random.pick(FIRST_NAMES), archived: false, patients: [] });
  }

  #weighPatient(tenant: ProvetTenant, random: Seeded): void {
    const [id] = this.#pickRecord(tenant, 'patient', random) ?? [];
    if (id === undefined) return this.#moveHouse(tenant, random);
    this.#write(tenant, 'patient', id, { weight: random.between(4, 160) / 4 });
  }

  #slotAhead(random: Seeded): TwinRecord {
    return appointmentTimes(slot(this.#world.clock() + random.between(1, 20) * DAY, random), random.pick([15, 30, 45]));
  }

  #write(tenant: ProvetTenant, resource: ResourceName, id: number | null, fields: TwinRecord): void {
    writeRecord(this.#world, tenant, resource, id, fields);
  }

  /** A record by chance: half of the time one of the newest forty, so that what was begun is also finished. */
  #pickRecord(tenant: ProvetTenant, resource: ResourceName, random: Seeded): [number, TwinRecord] | null {
    const store = tenant.store(resource);
    for (let attempt = 0; attempt < 8; attempt++) {
      const span = random.chance(0.5) ? Math.min(40, store.lastId) : store.lastId;
      if (span === 0) return null;
      const id = store.lastId - random.below(span);
      const record = store.latest(id);
      if (record !== null) return [id, record];
    }
    return null;
  }
}
