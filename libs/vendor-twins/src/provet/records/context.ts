import { Seeded } from '../../seeded.js';
import { DAY, HOUR, SECOND, stamp } from '../../times.js';

/** The resources that are worked out member by member; all others are made by one generator. */
export type CraftedResource = 'client' | 'patient' | 'appointment' | 'consultation' | 'invoice' | 'department' | 'user';
/** Name of any resource that the twin has. An unknown one throws where it is used. */
export type ResourceName = string;

/** What a generator may know of its tenant: never the present state, so that every record can be made alone. */
export interface GeneratorContext {
  readonly seed: string;
  readonly tenantId: number;
  /** `https://<host>/<tenant>/api/0.1`, without a slash at the end. */
  readonly api: string;
  /** The middle of the generated data, see `epochOf`. */
  readonly epoch: number;
  readonly offsetMinutes: number;
  /** How many records of each crafted resource are generated, and of others where the tenant says so. Ids are 1 … count. */
  readonly counts: Readonly<Record<CraftedResource, number>> & Readonly<Record<ResourceName, number | undefined>>;
  /** How many of every other resource, more or less: price lists are shorter than visits. */
  readonly every: number;
}

export interface RecordTimes {
  readonly created: number;
  readonly modified: number;
}

/** When a generated record was made and last changed. Cheap on its own: filters and orders need it of every record. */
export function generatedTimes(context: GeneratorContext, resource: string, id: number): RecordTimes {
  const random = new Seeded(context.seed, context.tenantId, resource, id, 'times');
  const created = context.epoch - 400 * DAY + Math.floor(random.next() * 300 * DAY);
  const modified = created + Math.floor(random.next() * (context.epoch - HOUR - created));
  return { created: wholeSecond(created), modified: wholeSecond(modified) };
}

export function seededFor(context: GeneratorContext, resource: string, id: number): Seeded {
  return new Seeded(context.seed, context.tenantId, resource, id);
}

export function link(context: GeneratorContext, resource: string, id: number): string {
  return `${context.api}/${resource}/${id}/`;
}

/** `created` and `modified` in the form that the resource uses: UTC, or the tenant's own offset. */
export function stamped(times: RecordTimes, offsetMinutes: number | null): { created: string; modified: string } {
  return { created: stamp(times.created, offsetMinutes), modified: stamp(times.modified, offsetMinutes) };
}

/** Patients are dealt out to clients in turn, so each of both can be generated without the other. */
export function clientOfPatient(context: GeneratorContext, patientId: number): number {
  return 1 + ((patientId - 1) % Math.max(1, context.counts.client));
}

export function patientsOfClient(context: GeneratorContext, clientId: number): number[] {
  const patients: number[] = [];
  const step = Math.max(1, context.counts.client);
  if (clientId > step) return patients;
  for (let id = clientId; id <= context.counts.patient; id += step) patients.push(id);
  return patients;
}

/** A patient for an appointment or a consultation; null when the tenant has none. */
export function somePatient(context: GeneratorContext, random: Seeded): number | null {
  const count = context.counts.patient;
  return count === 0 ? null : 1 + random.below(count);
}

export function someLink(context: GeneratorContext, resource: CraftedResource, random: Seeded): string | null {
  const count = context.counts[resource];
  return count === 0 ? null : link(context, resource, 1 + random.below(count));
}

function wholeSecond(instant: number): number {
  return Math.floor(instant / SECOND) * SECOND;
}
