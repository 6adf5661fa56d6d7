import { furtherResources } from './further/further-resources.js';
import { generateAppointment } from './records/appointment.js';
import { generateClient } from './records/client.js';
import { generateConsultation } from './records/consultation.js';
import type { CraftedResource, ResourceName } from './records/context.js';
import { INVOICE_FLOATS, INVOICE_LIST_MEMBERS, generateInvoice } from './records/invoice.js';
import { generateDepartment, generateUser } from './records/organisation.js';
import { generatePatient } from './records/patient.js';
import { USUAL_LIMITS, type Fires, type ProvetResource } from './resource.js';

const PATIENTS_AND_CLIENTS = 'General: Patients and clients';
const READ_ONLY = ['id', 'url', 'created', 'modified', 'created_user', 'modified_user'];
const nothing: ReadonlySet<string> = new Set();
const omits = (...members: string[]): ((member: string) => boolean) => {
  const omitted = new Set(members);
  return (member) => !omitted.has(member);
};

type Crafted = Omit<ProvetResource, 'name' | 'path' | 'hasDetail' | 'hidesId' | 'count' | 'bodyMember' | 'fires'> & {
  readonly name: CraftedResource;
  readonly fires: readonly [changed: number | null, deleted: number | null];
};

/** The resources that are worked out member by member. */
const crafted: readonly Crafted[] = [
  {
    name: 'client',
    fires: [1, 39],
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
    fires: [2, null],
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
    fires: [21, 22],
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
    fires: [3, 4],
    permission: 'General: Consultations and its items',
    writes: { create: true, update: true, delete: false },
    limits: USUAL_LIMITS,
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
    fires: [9, null],
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
    fires: [null, null],
    permission: null,
    writes: { create: false, update: false, delete: false },
    limits: { ...USUAL_LIMITS, list: 300, read: 1200 },
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
    fires: [28, null],
    permission: 'Profile: User profile page',
    writes: { create: true, update: true, delete: false },
    limits: USUAL_LIMITS,
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

const resources: readonly ProvetResource[] = [
  ...crafted.map((one): ProvetResource => {
    const { name } = one;
    const [changed, deleted] = one.fires;
    const fires: Fires = { created: changed, updated: changed, deleted };
    const count: ProvetResource['count'] = (context) => context.counts[name];
    return { ...one, fires, path: name, hasDetail: true, hidesId: false, count, bodyMember: `${name}_id` };
  }),
  ...furtherResources(),
];

export const PROVET_RESOURCES: ReadonlyMap<ResourceName, ProvetResource> = new Map(
  resources.map((one) => [one.name, one]),
);

/** Names of all resources that the twin has. */
export const MODELLED_RESOURCES: readonly ResourceName[] = resources.map(({ name }) => name);

export const HOOK_PERMISSION = 'Settings: Integration settings';

/** Every permission the twin knows; a tenant grants all that are not forbidden. */
export const PROVET_PERMISSIONS: readonly string[] = [
  ...new Set([...resources.map((one) => one.permission), HOOK_PERMISSION]),
].filter((name): name is string => name !== null);

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;
