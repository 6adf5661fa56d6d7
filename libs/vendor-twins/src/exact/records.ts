import type { JsonValue, TwinRecord } from '../json.js';
import { Seeded } from '../seeded.js';
import { DAY, HOUR, MINUTE, stamp } from '../times.js';
import { FIRST_NAMES, LAST_NAMES } from '../words.js';
import { guidOf, type ExactKind } from './guid.js';

export const APPOINTMENT_STATUSES = [
  'Unset',
  'Pending',
  'Confirmed',
  'Arrived',
  'InSurgery',
  'Completed',
  'DidNotAttend',
  'Cancelled',
] as const;
export type AppointmentStatus = (typeof APPOINTMENT_STATUSES)[number];

/** What the vendor called them before 2023-04, inside the same API version. */
export const OLD_STATUSES: Readonly<Record<AppointmentStatus, string>> = {
  Unset: 'Unset',
  Pending: 'Booked',
  Confirmed: 'Booked',
  Arrived: 'ReturnedToWaitingRoom',
  InSurgery: 'Seated',
  Completed: 'Complete',
  DidNotAttend: 'FailedToAttend',
  Cancelled: 'Rebooked',
};

export interface ExactContext {
  readonly seed: string;
  readonly practiceId: string;
  readonly epoch: number;
  readonly counts: Readonly<Record<ExactKind, number>>;
}

function seededFor(context: ExactContext, kind: string, index: number): Seeded {
  return new Seeded(context.seed, context.practiceId, kind, index);
}

/** Some GUIDs are written in upper case; a reference need not be spelt like the id that it names. */
function spelled(guid: string, random: Seeded): string {
  return random.chance(0.4) ? guid.toUpperCase() : guid;
}

function someGuid(context: ExactContext, kind: ExactKind, random: Seeded): string | null {
  const count = context.counts[kind];
  return count === 0 ? null : spelled(guidOf(kind, 1 + random.below(count)), random);
}

/** Members without a value are absent in half of the records and null in the others. */
function settled(record: Record<string, JsonValue>, random: Seeded): TwinRecord {
  if (random.chance(0.5)) return record;
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

/** When an appointment starts: most lie close to the epoch. Cheap, because every window asks it of every appointment. */
export function generatedStart(context: ExactContext, index: number): number {
  const random = new Seeded(context.seed, context.practiceId, 'start', index);
  const days = random.chance(0.5) ? random.between(-4, 12) : random.between(-40, 120);
  return context.epoch + days * DAY + 8 * HOUR + random.below(36) * 15 * MINUTE;
}

export function generateAppointment(context: ExactContext, index: number): TwinRecord {
  const random = seededFor(context, 'appointment', index);
  const start = generatedStart(context, index);
  const minutes = random.pick([10, 20, 30, 45, 60]);
  const past = start < context.epoch;
  const status = past ? random.pick(['Completed', 'Completed', 'Completed', 'DidNotAttend', 'Cancelled']) : 'Pending';
  const created = start - random.between(45, 90) * DAY;
  const updated = Math.min(created + random.between(0, 40) * DAY, context.epoch - HOUR);
  const record: Record<string, JsonValue> = {
    id: spelled(guidOf('appointment', index), random),
    providers: [provider(context, random), ...(random.chance(0.2) ? [provider(context, random)] : [])],
    patientId: someGuid(context, 'patient', random),
    payorId: someGuid(context, 'payor', random),
    location: { id: spelled(guidOf('payor', 900), random), code: 'S1', name: 'Surgery 1' },
    primaryFamilyAppointmentId: null,
    nextFamilyAppointmentId: null,
    familyAppointmentIds: [],
    chairDurationMinutes: minutes,
    scheduledDurationMinutes: minutes,
    actualDurationMinutes: status === 'Completed' ? minutes + random.between(-5, 10) : null,
    startDate: stamp(start, null),
    endDate: stamp(start + minutes * MINUTE, null),
    isFirstVisit: random.chance(0.1),
    arrivalDate: status === 'Completed' ? stamp(start - 5 * MINUTE, null) : null,
    completionDate: status === 'Completed' ? stamp(start + minutes * MINUTE, null) : null,
    cancellationDate: status === 'Cancelled' ? stamp(updated, null) : null,
    status,
    createdByUserId: someGuid(context, 'practitioner', random),
    createdDate: stamp(created, null),
    lastUpdatedByUserId: someGuid(context, 'practitioner', random),
    lastUpdatedDate: stamp(updated, null),
  };
  return settled(record, random);
}

function provider(context: ExactContext, random: Seeded): TwinRecord {
  const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
  return {
    id: someGuid(context, 'practitioner', random),
    type: random.pick(['Dentist', 'Dentist', 'Hygienist']),
    name,
  };
}

export function generatePatient(context: ExactContext, index: number): TwinRecord {
  const random = seededFor(context, 'patient', index);
  const record: Record<string, JsonValue> = {
    id: spelled(guidOf('patient', index), random),
    payingPatientId: null,
    isActive: random.chance(0.9),
    dateOfBirth: stamp(context.epoch - random.between(4 * 365, 85 * 365) * DAY, null),
    defaultDentistId: someGuid(context, 'practitioner', random),
    defaultHygienistId: null,
    title: random.pick(['Mr', 'Ms', 'Mx', '']),
    preferredName: null,
    firstName: random.pick(FIRST_NAMES),
    middleName: null,
    lastName: random.pick(LAST_NAMES),
    sex: random.pick(['Unspecified', 'Male', 'Female', 'Other']),
    consentedToMarketing: random.pick(['NotAsked', 'Consented', 'Refused']),
    healthServiceIdentifier: random.digits(10),
    nationalInsuranceIdentifier: null,
    defaultPayor: someGuid(context, 'payor', random),
    patientHasAddress: true,
    patientHasEmail: random.chance(0.7),
    patientHasSms: random.chance(0.8),
  };
  return settled(record, random);
}

export function generatePractitioner(context: ExactContext, index: number): TwinRecord {
  const random = seededFor(context, 'practitioner', index);
  const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
  return {
    id: spelled(guidOf('practitioner', index), random),
    role: random.pick(['Dentist', 'Hygienist', 'Receptionist']),
    userName: `user${index}`,
    name,
    isActive: random.chance(0.95),
  };
}

export function generatePayor(context: ExactContext, index: number): TwinRecord {
  const random = seededFor(context, 'payor', index);
  const payorType = random.pick(['Private', 'NhsEngland', 'Denplan', 'CapitationPlan']);
  return {
    id: spelled(guidOf('payor', index), random),
    payorType,
    name: payorType,
    displayName: `${payorType} plan`,
    isActive: true,
  };
}

/** Phone numbers and e-mail addresses, each only when the token's scopes reach them. */
export function contactDetails(
  context: ExactContext,
  index: number,
  scopes: { phone: boolean; email: boolean },
  written: TwinRecord = {},
): TwinRecord {
  const random = seededFor(context, 'contact', index);
  const phoneNumbers = [{ countryCode: '+44', phoneNumber: `7${random.digits(9)}`, phoneType: 'Mobile' }];
  const all: TwinRecord = { emailAddresses: [`patient${index}@mail.example`], phoneNumbers, ...written };
  const { emailAddresses = [], phoneNumbers: numbers = [] } = all;
  return { ...(scopes.email ? { emailAddresses } : {}), ...(scopes.phone ? { phoneNumbers: numbers } : {}) };
}

export const EXACT_GENERATORS: Readonly<Record<ExactKind, (context: ExactContext, index: number) => TwinRecord>> = {
  appointment: generateAppointment,
  patient: generatePatient,
  practitioner: generatePractitioner,
  payor: generatePayor,
};
