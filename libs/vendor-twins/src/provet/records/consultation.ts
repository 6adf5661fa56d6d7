import type { TwinRecord } from '../../json.js';
import { MINUTE, stamp } from '../../times.js';
import { COMPLAINTS } from '../../words.js';
import {
  clientOfPatient,
  generatedTimes,
  link,
  seededFor,
  somePatient,
  someLink,
  stamped,
  type GeneratorContext,
} from './context.js';

/** A consultation's life. The numbers are the vendor's and do not follow the life's order. */
export const CONSULTATION_LIFE = [0, 8, 5, 6, 7, 10] as const;
export const CONSULTATION_FINALIZED = 10;

/** A visit. Times in the tenant's own offset; the list form lacks some members. */
export function generateConsultation(context: GeneratorContext, id: number): TwinRecord {
  const random = seededFor(context, 'consultation', id);
  const times = generatedTimes(context, 'consultation', id);
  const patient = somePatient(context, random);
  const status = random.pick([0, 8, 5, 6, 6, 7, 10, 10, 10, 10]);
  const at = (minutes: number): string => stamp(times.created + minutes * MINUTE, context.offsetMinutes);
  const left = status === 6 || status === 7 || status === CONSULTATION_FINALIZED;
  return {
    id,
    url: link(context, 'consultation', id),
    client: patient === null ? null : link(context, 'client', clientOfPatient(context, patient)),
    patients: patient === null ? [] : [link(context, 'patient', patient)],
    complaint: random.pick(COMPLAINTS),
    complaint_type: null,
    admitted_time: at(0),
    first_entry: status === 0 ? null : at(4),
    started: status === 0 ? null : at(5),
    finished: left ? at(35) : null,
    // Null also for some that are closed: seen in the wild.
    ended: left && random.chance(0.9) ? at(40) : null,
    status,
    type: random.chance(0.2) ? 0 : 1,
    invoice: invoiceOf(context, id),
    supervising_veterinarian: someLink(context, 'user', random),
    department: someLink(context, 'department', random),
    consultation_items: [link(context, 'consultationitem', id)],
    reporting_dimension_1: null,
    reporting_dimension_2: null,
    consultation_notes: [],
    consultation_diagnosis: [link(context, `consultation/${id}/consultationdiagnosis`, 1)],
    consultation_dischargeinstructions: [],
    consultation_patient_status: [],
    triage: null,
    external_sent: null,
    ward: null,
    patient_location: null,
    integration_status: null,
    holding_place_number: [],
    report_to_authorities: false,
    consultation_extras: null,
    ...stamped(times, context.offsetMinutes),
    templates_used: [],
    appointment: id <= context.counts.appointment ? link(context, 'appointment', id) : null,
    custom_fields: [],
  };
}

/** Consultation and invoice of the same number belong together. */
function invoiceOf(context: GeneratorContext, id: number): string | null {
  return id <= context.counts.invoice ? link(context, 'invoice', id) : null;
}
