import type { TwinRecord } from '../../json.js';
import type { Seeded } from '../../seeded.js';
import { DAY, MINUTE, dayStamp, stamp } from '../../times.js';
import { COMPLAINTS, VISIT_REASONS } from '../../words.js';
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

/** A booking. Its times are always UTC with `Z`. List and detail have the same members. */
export function generateAppointment(context: GeneratorContext, id: number): TwinRecord {
  const random = seededFor(context, 'appointment', id);
  const patient = somePatient(context, random);
  const start = slot(context.epoch + random.between(-30, 60) * DAY, random);
  const duration = random.pick([15, 15, 30, 45]);
  const reason = random.pick(VISIT_REASONS);
  return {
    id,
    url: link(context, 'appointment', id),
    ...appointmentTimes(start, duration),
    title: reason,
    complaint: random.pick(COMPLAINTS),
    instructions: reason === 'Surgery' ? 'No food after 20:00 the evening before.' : '',
    user: someLink(context, 'user', random),
    additional_users: [],
    client: patient === null ? null : link(context, 'client', clientOfPatient(context, patient)),
    patients: patient === null ? [] : [link(context, 'patient', patient)],
    consultation: null,
    related_appointments: null,
    notes: '',
    active: random.chance(0.06) ? 0 : 1,
    department: someLink(context, 'department', random),
    reason: link(context, 'reason', random.between(1, VISIT_REASONS.length)),
    ward: null,
    type: random.chance(0.2) ? 2 : 1,
    ...stamped(generatedTimes(context, 'appointment', id), null),
    created_user: null,
    modified_user: someLink(context, 'user', random),
    telemedicine_url: null,
    telemedicine_url_master: null,
    telemedicine_room: null,
    confirmed: random.chance(0.5),
    resources: [],
    cancellation_reason: null,
    cancellation_reason_text: '',
    request_hash: null,
  };
}

/** The members that move together when an appointment is given another time. */
export function appointmentTimes(start: number, durationMinutes: number): TwinRecord {
  const end = start + durationMinutes * MINUTE;
  return {
    start: stamp(start, null),
    end: stamp(end, null),
    duration: durationMinutes,
    start_date: dayStamp(start, 0),
    end_date: dayStamp(end, 0),
  };
}

/** A quarter of an hour in opening time on the day of `instant`. */
export function slot(instant: number, random: Seeded): number {
  return Math.floor(instant / DAY) * DAY + (7 * 60 + 15 * random.below(40)) * MINUTE;
}
