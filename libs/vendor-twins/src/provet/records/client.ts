import type { TwinRecord } from '../../json.js';
import { CITIES, FIRST_NAMES, LAST_NAMES, STREETS } from '../../words.js';
import {
  generatedTimes,
  link,
  patientsOfClient,
  seededFor,
  someLink,
  stamped,
  type GeneratorContext,
} from './context.js';

/** An owner or payer. List and detail have the same members. */
export function generateClient(context: GeneratorContext, id: number): TwinRecord {
  const random = seededFor(context, 'client', id);
  const firstname = random.pick(FIRST_NAMES);
  const lastname = random.pick(LAST_NAMES);
  const city = random.pick(CITIES);
  const company = random.chance(0.1);
  return {
    id,
    url: link(context, 'client', id),
    title: null,
    firstname,
    lastname,
    organization_name: company ? `${lastname} & Partners` : '',
    customer_type: company ? 1 : 0,
    vat_number: '',
    register_number: null,
    home_department: someLink(context, 'department', random),
    due_date_delay: random.chance(0.2) ? 14 : null,
    street_address: `${random.pick(STREETS)} ${random.between(1, 120)}`,
    street_address_2: '',
    street_address_3: '',
    zip_code: city.zip,
    city: city.name,
    state: null,
    country: random.chance(0.1) ? '' : city.country,
    email: random.chance(0.2) ? '' : `client${id}@mail.example`,
    alt_emails: null,
    id_number: '',
    old_client_id: random.chance(0.3) ? `L-${random.digits(5)}` : null,
    critical_notes: null,
    critical_accounting_notes: random.chance(0.05) ? 'Pays in cash only.' : null,
    // Vendors' text is hostile text: markup and quotes occur.
    remarks: random.chance(0.04) ? '<b>Call first</b> & ask for "the blue door"' : '',
    archived: random.chance(0.08),
    no_sms: random.chance(0.1),
    no_email: false,
    external: false,
    referring_organization: false,
    parent_referring_organization: null,
    referring_vet: false,
    imported: false,
    date_imported: null,
    patients: patientsOfClient(context, id).map((patient) => link(context, 'patient', patient)),
    invoicing_client: null,
    tags_rel: [],
    ...stamped(generatedTimes(context, 'client', id), null),
    created_user: null,
    modified_user: someLink(context, 'user', random),
    phone_numbers: [
      {
        id: id * 10,
        url: link(context, 'phonenumber', id * 10),
        type_code: 1,
        number: `+3585${random.digits(8)}`,
        description: null,
      },
    ],
    status_type: 0,
    fields_rel: [],
    farm_code: null,
    holdingplacenumbers: [],
    communication_preferences: null,
    production_animal_client: false,
  };
}
