import type { TwinRecord } from '../../json.js';
import { DAY, HOUR, dayStamp, stamp } from '../../times.js';
import { CITIES, FIRST_NAMES, LAST_NAMES, STREETS } from '../../words.js';
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

export const INVOICE_DRAFT = 0;
export const INVOICE_FINALIZED = 3;
export const INVOICE_VOIDED = 99;

/** Members that are floats at the vendor and keep their point in JSON. */
export const INVOICE_FLOATS = ['total', 'total_vat', 'total_with_vat', 'due_sum', 'client_due_sum', 'penalty_interest'];

/**
 * An invoice; its list form lacks the id, the status and most of the rest. A few are negative, voided, or credit notes
 * with a positive total: the sign tells nothing.
 */
export function generateInvoice(context: GeneratorContext, id: number): TwinRecord {
  const random = seededFor(context, 'invoice', id);
  const times = generatedTimes(context, 'invoice', id);
  const status = random.pick([0, 2, 3, 3, 3, 3, 3, 4, 3, INVOICE_VOIDED]);
  const paid = status === INVOICE_FINALIZED && random.chance(0.7);
  const total = (random.chance(0.05) ? -1 : 1) * (random.between(400, 60_000) / 100);
  const creditNote = random.chance(0.04) && id > 1;
  const patient = somePatient(context, random);
  const client = patient === null ? null : clientOfPatient(context, patient);
  const city = random.pick(CITIES);
  const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
  const street = `${random.pick(STREETS)} ${random.between(1, 120)}`;
  const local = (instant: number): string => stamp(instant, context.offsetMinutes);
  const consultation = id <= context.counts.consultation && !creditNote ? link(context, 'consultation', id) : null;
  return {
    id,
    url: link(context, 'invoice', id),
    invoice_number: status === INVOICE_DRAFT ? null : 10_000_000_000 + id,
    invoice_prefix: '',
    reference_number: null,
    additional_reference: null,
    status,
    inqueries: null,
    invoice_date: local(times.created),
    invoice_payed: null,
    invoice_due_date: dayStamp(times.created + 14 * DAY, context.offsetMinutes),
    penalty_interest: random.chance(0.2) ? 8 : null,
    invoicing_client: null,
    payer_name: name,
    payer_id_number: '',
    payer_street_address: street,
    payer_zip_code: city.zip,
    payer_city: city.name,
    payer_state: null,
    payer_organization_name: '',
    payer_register_number: null,
    payer_vat_number: '',
    payer_street_address_2: '',
    payer_street_address_3: '',
    payer_country: city.country,
    receiver_name: name,
    receiver_organization_name: null,
    receiver_street_address: street,
    receiver_street_address_2: '',
    receiver_zip_code: city.zip,
    receiver_city: city.name,
    receiver_iban: '',
    receiver_bic: '',
    receiver_vat_number: '',
    ...invoiceSums(total, paid),
    patients: patient === null ? [] : [link(context, 'patient', patient)],
    invoice_row: [link(context, 'invoicerow', id)],
    invoice_payment: paid ? [link(context, 'invoicepayment', id)] : [],
    client: client === null ? null : link(context, 'client', client),
    consultation,
    original_consultation: null,
    department: someLink(context, 'department', random),
    ...stamped(times, context.offsetMinutes),
    date_paid: paid ? local(times.modified) : null,
    agreed_to_pay_later: status === 4,
    without_vat: false,
    countersale: consultation === null && !creditNote,
    credit_note: creditNote,
    credit_note_original_invoice: creditNote ? link(context, 'invoice', 1 + random.below(id - 1)) : null,
    related_credit_note: [],
    related_credit_note_invoice: null,
    first_original_invoice: null,
    consolidated_invoice: false,
    consolidated_invoices: [],
    related_consolidated_invoice: null,
    remarks: null,
    tags_rel: [],
    vat_calculation_method: 1,
    determining_price: 1,
    // Sent by a background job that writes UTC: both forms occur in one object.
    send_date: status === INVOICE_DRAFT ? null : stamp(times.created + HOUR, null),
    send_method: status === INVOICE_DRAFT ? null : 'Sent by e-mail',
    invoice_extras: null,
  };
}

/** The sums of an invoice of that total before tax. */
export function invoiceSums(total: number, paid: boolean): TwinRecord {
  const vat = cents(total * 0.24);
  const withVat = cents(total + vat);
  const due = paid ? 0 : withVat;
  return { total: cents(total), total_vat: vat, total_with_vat: withVat, due_sum: due, client_due_sum: due };
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

/** What is left of an invoice in a list. */
export const INVOICE_LIST_MEMBERS = [
  'url',
  'department',
  'total',
  'total_vat',
  'due_sum',
  'client_due_sum',
  'payer_name',
  'payer_id_number',
  'payer_street_address',
  'payer_zip_code',
  'payer_city',
  'payer_state',
  'payer_organization_name',
  'payer_register_number',
  'payer_vat_number',
  'payer_street_address_2',
  'payer_street_address_3',
  'payer_country',
  'consultation',
  'original_consultation',
  'client',
  'created',
  'modified',
  'tags_rel',
  'date_paid',
  'invoice_date',
  'send_date',
  'send_method',
  'invoice_extras',
  'invoice_number',
  'invoice_prefix',
];
