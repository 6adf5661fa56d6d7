import type { TwinRecord } from '../json.js';
import { generateAppointment } from './records/appointment.js';
import { generateClient } from './records/client.js';
import { generateConsultation } from './records/consultation.js';
import type { GeneratorContext, ModelledResource } from './records/context.js';
import { INVOICE_FLOATS, INVOICE_LIST_MEMBERS, generateInvoice } from './records/invoice.js';
import { generateDepartment, generateUser } from './records/organisation.js';
import { generatePatient } from './records/patient.js';

/** Kinds of values that a declared filter compares. */
export type FilterKind = 'number' | 'text' | 'flag' | 'instant' | 'day' | 'relation';

/** Requests a minute for each operation; a page larger than the default costs more than one. */
export interface OperationLimits {
  readonly list: number;
  readonly read: number;
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

/** The rules of one resource, as data. */
export interface ProvetResource {
  readonly name: ModelledResource;
  /** Null: no permission is needed. */
  readonly permission: string | null;
  readonly writes: { readonly create: boolean; readonly update: boolean; readonly delete: boolean };
  readonly limits: OperationLimits;
  /** Which members the list form has when it is the reduced one; null: as many as the detail form. */
  readonly inList: ((member: string) => boolean) | null;
  readonly defaultOrdering: string;
  readonly orderings: readonly string[];
  /** Filters that the endpoint declares. Every other one is ignored without a word. */
  readonly filters: Readonly<Record<string, FilterKind>>;
  readonly floats: ReadonlySet<string>;
  /** Members that a create must carry. */
  readonly required: readonly string[];
  /** Members that a write cannot change. */
  readonly readOnly: readonly string[];
  /** Times are written in UTC with `Z`, else in the tenant's offset. */
  readonly utcTimes: boolean;
  readonly generate: (context: GeneratorContext, id: number) => TwinRecord;
}

const PATIENTS_AND_CLIENTS = 'General: Patients and clients';
const READ_ONLY = ['id', 'url', 'created', 'modified', 'created_user', 'modified_user'];
const usual = { list: 100, read: 300, create: 300, update: 300, delete: 300 };
const nothing: ReadonlySet<string> = new Set();
const omits = (...members: string[]): ((member: string) => boolean) => {
  const omitted = new Set(members);
  return (member) => !omitted.has(member);
};

const resources: readonly ProvetResource[] = [
  {
    name: 'client',
    permission: PATIENTS_AND_CLIENTS,
    writes: { create: true, update: true, delete: true },
    limits: { list: 125, read: 500, create: 300, update: 200, delete: 300 },
    inList: null,
    defaultOrdering: 'id',
    orderings: ['id', 'created', 'modified', 'lastname', 'firstname'],
    filters: {
      id: 'number',
      firstname: 'text',
      lastname: 'text',
      organization_name: 'text',
      email: 'text',
      archived: 'flag',
      modified: 'instant',
      created: 'instant',
      old_client_id: 'text',
    },
    floats: nothing,
    required: ['firstname', 'lastname', 'street_address', 'zip_code', 'city', 'patients'],
    readOnly: [...READ_ONLY, 'phone_numbers'],
    utcTimes: true,
    generate: generateClient,
  },
  {
    name: 'patient',
    permission: PATIENTS_AND_CLIENTS,
    writes: { create: true, update: true, delete: true },
    limits: { list: 300, read: 1200, create: 250, update: 250, delete: 300 },
    inList: omits('notes', 'created_user', 'modified_user', 'merged_patient', 'merge_patient'),
    defaultOrdering: 'id',
    orderings: ['id', 'created', 'modified', 'name'],
    filters: {
      id: 'number',
      name: 'text',
      client: 'relation',
      archived: 'flag',
      modified: 'instant',
      created: 'instant',
      microchip: 'text',
    },
    floats: new Set(['weight']),
    required: ['client', 'name', 'species'],
    readOnly: [...READ_ONLY, 'merged_patient', 'merge_patient'],
    utcTimes: false,
    generate: generatePatient,
  },
  {
    name: 'appointment',
    permission: 'Calendar: Appointments',
    writes: { create: true, update: true, delete: false },
    limits: { list: 300, read: 900, create: 500, update: 500, delete: 300 },
    inList: null,
    defaultOrdering: 'id',
    orderings: ['id', 'created', 'modified', 'start'],
    filters: {
      id: 'number',
      start: 'instant',
      end: 'instant',
      active: 'number',
      client: 'relation',
      department: 'relation',
      modified: 'instant',
      created: 'instant',
    },
    floats: nothing,
    required: ['start', 'end', 'title', 'type', 'department'],
    readOnly: READ_ONLY,
    utcTimes: true,
    generate: generateAppointment,
  },
  {
    name: 'consultation',
    permission: 'General: Consultations and its items',
    writes: { create: true, update: true, delete: false },
    limits: usual,
    inList: omits('templates_used', 'appointment', 'custom_fields', 'complaint_type'),
    defaultOrdering: 'id',
    orderings: ['id', 'created', 'modified', 'admitted_time'],
    filters: {
      id: 'number',
      complaint: 'text',
      admitted_time: 'instant',
      department: 'relation',
      client: 'relation',
      patients: 'relation',
      status: 'number',
      modified: 'instant',
      created: 'instant',
    },
    floats: nothing,
    required: ['client', 'patients', 'complaint', 'type'],
    readOnly: [...READ_ONLY, 'status', 'invoice', 'consultation_items'],
    utcTimes: false,
    generate: generateConsultation,
  },
  {
    name: 'invoice',
    permission: 'Financial: Invoices',
    // Invoices are made by the application only.
    writes: { create: false, update: true, delete: false },
    limits: { list: 60, read: 250, create: 300, update: 150, delete: 300 },
    inList: (member) => INVOICE_LIST_MEMBERS.includes(member),
    defaultOrdering: '-id',
    orderings: ['id', 'created', 'modified', 'invoice_date'],
    filters: {
      id: 'number',
      status: 'number',
      invoice_date: 'instant',
      date_paid: 'instant',
      client: 'relation',
      department: 'relation',
      credit_note: 'flag',
      countersale: 'flag',
      consultation: 'relation',
      modified: 'instant',
      created: 'instant',
    },
    floats: new Set(INVOICE_FLOATS),
    required: [],
    readOnly: [...READ_ONLY, 'status', 'total', 'total_vat', 'total_with_vat', 'invoice_number', 'invoice_row'],
    utcTimes: false,
    generate: generateInvoice,
  },
  {
    name: 'department',
    permission: null,
    writes: { create: false, update: false, delete: false },
    limits: { ...usual, list: 300, read: 1200 },
    inList: null,
    defaultOrdering: 'id',
    orderings: ['id', 'name'],
    filters: { id: 'number', name: 'text' },
    floats: nothing,
    required: [],
    readOnly: READ_ONLY,
    utcTimes: true,
    generate: generateDepartment,
  },
  {
    name: 'user',
    permission: 'Profile: User profile page',
    writes: { create: false, update: false, delete: false },
    limits: usual,
    inList: null,
    defaultOrdering: 'id',
    orderings: ['id', 'last_name'],
    filters: { id: 'number', is_active: 'flag', email: 'text' },
    floats: nothing,
    required: [],
    readOnly: READ_ONLY,
    utcTimes: true,
    generate: generateUser,
  },
];

export const PROVET_RESOURCES: ReadonlyMap<string, ProvetResource> = new Map(resources.map((one) => [one.name, one]));

export const HOOK_PERMISSION = 'Settings: Integration settings';

/** Every permission the twin knows; a tenant grants all that are not forbidden. */
export const PROVET_PERMISSIONS: readonly string[] = [
  ...new Set([...resources.map((one) => one.permission), HOOK_PERMISSION]),
].filter((name): name is string => name !== null);

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;
/** Limits of `/hook/webhook/` and `/hook/queue/`, and of actions (`list`). */
export const USUAL_LIMITS: OperationLimits = usual;
