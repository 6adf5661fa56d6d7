import type { TwinRecord } from '../../json.js';
import { DAY, dayStamp } from '../../times.js';
import { ANIMAL_NAMES, SPECIES } from '../../words.js';
import {
  clientOfPatient,
  generatedTimes,
  link,
  seededFor,
  someLink,
  stamped,
  type GeneratorContext,
} from './context.js';

const GENDERS = ['Unknown', 'Male', 'Female', 'Castrated male', 'Sterilised female'] as const;

/** An animal. Text for species, breed and gender, codes beside it; times in the tenant's own offset. */
export function generatePatient(context: GeneratorContext, id: number): TwinRecord {
  const random = seededFor(context, 'patient', id);
  const times = generatedTimes(context, 'patient', id);
  const species = random.pick(SPECIES);
  const [breed, breedCode] = random.pick<readonly [string, number]>(species.breeds);
  const registered = dayStamp(times.created, context.offsetMinutes);
  return {
    id,
    url: link(context, 'patient', id),
    client: context.counts.client === 0 ? null : link(context, 'client', clientOfPatient(context, id)),
    name: random.pick(ANIMAL_NAMES),
    official_name: '',
    species: species.name,
    breed,
    gender: random.pick(GENDERS),
    weight: random.chance(0.3) ? null : random.between(4, 160) / 4,
    old_patient_id: null,
    remarks: random.chance(0.1) ? 'Allergic to wheat.' : '',
    date_of_registration: registered,
    date_of_birth: random.chance(0.2) ? null : dayStamp(times.created - random.between(60, 4000) * DAY, 0),
    deceased: null,
    insurance: null,
    insurance_company: null,
    color: random.pick(['', 'black', 'brown', 'tabby', 'white and grey']),
    critical_notes: '',
    microchip: random.chance(0.5) ? random.digits(15) : null,
    microchip_date: null,
    additional_identification: null,
    archived: random.chance(0.05),
    reason_of_death: '',
    stable_name: '',
    street_address: '',
    street_address_2: null,
    zip_code: '',
    city: '',
    not_for_food: false,
    passport_number: '',
    register_number: '',
    home_department: someLink(context, 'department', random),
    date_imported: null,
    imported: false,
    tags_rel: [],
    fields_rel: [],
    holding_place_number: null,
    animal_code: null,
    herd_size: null,
    private: false,
    visible_departments: [],
    visible_department_groups: [],
    last_consultation: null,
    notes: random.chance(0.3) ? [link(context, 'note', id)] : [],
    blood_group: null,
    ...stamped(times, context.offsetMinutes),
    created_user: null,
    modified_user: someLink(context, 'user', random),
    species_code: species.code,
    breed_code: breedCode,
    merged_patient: [],
    merge_patient: null,
    picture: null,
    patient_extras: null,
  };
}
