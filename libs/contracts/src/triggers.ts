/** How well a statement about the vendor is founded: published, seen in practice, guessed by analogy, or not known at all. */
export const MARKS = ['confirmed', 'observed', 'inferred', 'unknown'] as const;
export type Mark = (typeof MARKS)[number];

/**
 * Provet's webhook triggers (vendor page `webhook_triggers.html`; numbers and names confirmed, the rest as marked). A
 * webhook's body names only the record's id under `member`; what happened is told by the trigger number, which therefore
 * stands in the webhook's URL.
 */
export interface Trigger {
  readonly number: number;
  readonly name: string;
  /** Null: the vendor does not publish it, and the only member that ends in `_id` is taken. */
  readonly member: string | null;
  readonly memberMark: Mark;
  /** The resource whose record is named; null: none that can be read. Such notices are carried without one. */
  readonly resource: string | null;
  readonly resourceMark: Mark;
  /** Why there is no resource; null when there is one. */
  readonly withoutResource: string | null;
  /** `other`: something happened that changes no record which can be read. */
  readonly kind: 'changed' | 'deleted' | 'other';
}

interface Stated {
  readonly value: string | null;
  readonly mark: Mark;
  readonly why?: string;
}

const stated =
  (mark: Mark) =>
  (value: string): Stated => ({ value, mark });
const confirmed = stated('confirmed');
const observed = stated('observed');
const inferred = stated('inferred');
const unknown: Stated = { value: null, mark: 'unknown' };
const without = (why: string): Stated => ({ ...unknown, why });

const noEndpoint = without('the vendor publishes no endpoint to read it from');
const pathUnknown = without('the paths below /home_delivery/ are not known');
const severalResources = without('the id may be that of a medicine, procedure, supply or food: four resources');

type Row = readonly [number, string, Stated, Stated, Trigger['kind']?];

const rows: readonly Row[] = [
  [1, 'Client created or modified', confirmed('client_id'), confirmed('client')],
  [2, 'Patient created or modified', confirmed('patient_id'), confirmed('patient')],
  [3, 'Consultation created or modified', confirmed('consultation_id'), confirmed('consultation')],
  [4, 'Consultation deleted', confirmed('consultation_id'), confirmed('consultation'), 'deleted'],
  [5, 'Consultation item created or modified', confirmed('consultationitem_id'), confirmed('consultationitem')],
  [
    6,
    'Diagnostic imaging worklist created',
    confirmed('diagnosticimagingworklist_id'),
    confirmed('diagnosticimaging_worklist'),
  ],
  [
    7,
    'Diagnostic imaging worklist updated',
    confirmed('diagnosticimagingworklist_id'),
    confirmed('diagnosticimaging_worklist'),
  ],
  [
    8,
    'Diagnostic imaging worklist deleted',
    inferred('diagnosticimagingworklist_id'),
    confirmed('diagnosticimaging_worklist'),
    'deleted',
  ],
  [9, 'Invoice created or modified', observed('invoice_id'), confirmed('invoice')],
  [10, 'Invoice draft created or modified', inferred('invoice_id'), inferred('invoice')],
  [11, 'Invoice payment created or modified', observed('invoicepayment_id'), confirmed('invoicepayment')],
  [12, 'Unallocated payment created or modified', unknown, confirmed('unallocatedpayment')],
  [13, 'Insurance claim created or modified', unknown, confirmed('insuranceclaim')],
  [14, 'Accounting report created or modified', unknown, confirmed('accountingreport')],
  [15, 'Organisation item created or modified', observed('organizationitem_id'), inferred('item')],
  [
    16,
    'Laboratory referral created or modified',
    observed('laboratory_referral_id'),
    confirmed('consultation_laboratory_referral'),
  ],
  [17, 'Consultation waiting for discharge', inferred('consultation_id'), confirmed('consultation')],
  [18, 'Patient referral created or modified', unknown, confirmed('patient_referral')],
  [19, 'SMS sent', unknown, inferred('logs-sms')],
  [20, 'E-mail sent', observed('email_log_id'), confirmed('logs-email')],
  [21, 'Appointment created or modified', observed('appointment_id'), confirmed('appointment')],
  [22, 'Appointment deleted', inferred('appointment_id'), confirmed('appointment'), 'deleted'],
  [23, 'Invoice row deleted', observed('invoicerow_id'), inferred('invoicerow'), 'deleted'],
  [24, 'Reminder deleted', inferred('reminder_id'), confirmed('reminder'), 'deleted'],
  [25, 'Reminder template deleted', unknown, confirmed('remindertemplate'), 'deleted'],
  [26, 'Treatment plan created or modified', unknown, confirmed('treatmentplan')],
  [27, 'Treatment plan item created or modified', unknown, severalResources],
  [28, 'User created or modified', observed('user_id'), confirmed('user')],
  [29, 'Treatment plan deleted', unknown, confirmed('treatmentplan'), 'deleted'],
  [30, 'Treatment plan item deleted', unknown, severalResources, 'deleted'],
  [31, 'Reminder created or modified', observed('reminder_id'), confirmed('reminder')],
  [32, 'Organisation medicine created or modified', unknown, inferred('medicine')],
  [33, 'Organisation supply created or modified', unknown, inferred('supply')],
  [34, 'Organisation food created or modified', unknown, inferred('food')],
  [35, 'Organisation procedure created or modified', unknown, inferred('procedure')],
  [36, 'Organisation laboratory analysis created or modified', unknown, inferred('laboratoryanalysis')],
  [37, 'Organisation laboratory analysis panel created or modified', unknown, inferred('laboratoryanalysispanel')],
  [38, 'Patient referral feedback sent', unknown, confirmed('patient_referral_feedback')],
  [39, 'Client deleted', inferred('client_id'), confirmed('client'), 'deleted'],
  [40, 'Notes and communication created or modified', unknown, inferred('note')],
  [41, 'Appointment reminder created', unknown, confirmed('appointment_reminder')],
  [42, 'Appointment reminder updated', unknown, confirmed('appointment_reminder')],
  [43, 'Appointment reminder deleted', unknown, confirmed('appointment_reminder'), 'deleted'],
  [44, 'Client communication preference created or modified', unknown, inferred('client_communication_preferences')],
  [45, 'Consultation finalized', inferred('consultation_id'), confirmed('consultation')],
  [46, 'Stock order created or modified', unknown, inferred('order')],
  [47, 'Stock order deleted', unknown, inferred('order'), 'deleted'],
  [48, 'Stock item entry created or modified', unknown, inferred('stock-entry')],
  [49, 'Stock item entry deleted', unknown, inferred('stock-entry'), 'deleted'],
  [50, 'Cabinet item used', unknown, noEndpoint, 'other'],
  [51, 'Organisation cabinet item created or modified', unknown, noEndpoint],
  [52, 'Stock order item created or modified', unknown, inferred('orderitem')],
  [53, 'Stock order item deleted', unknown, inferred('orderitem'), 'deleted'],
  [54, 'Health plan status updated', unknown, inferred('patienthealthplan')],
  [55, 'Cabinet item use cancelled', unknown, noEndpoint, 'other'],
  [56, 'Home delivery order created', unknown, pathUnknown],
  [57, 'Home delivery item updated', unknown, pathUnknown],
  [58, 'Home delivery item replaced', unknown, pathUnknown],
  [59, 'External SMS received', unknown, noEndpoint, 'other'],
  [60, 'Invoice extra fee after finalization', unknown, inferred('invoice')],
  [61, 'Reason group created or modified', unknown, confirmed('reason_group')],
  [62, 'Reason created or modified', unknown, confirmed('reason')],
  [63, 'Department settings changed', unknown, inferred('settings-department')],
  [64, 'Organisation settings changed', unknown, inferred('settings-organization')],
  [65, 'Phone number created or modified', unknown, confirmed('phonenumber')],
  [66, 'Cash register created or modified', unknown, noEndpoint],
  [67, 'Cash book entry created', unknown, confirmed('cashbookentry')],
  [68, 'Z report created', unknown, inferred('endofdayreport')],
];

export const TRIGGERS: ReadonlyMap<number, Trigger> = new Map(
  rows.map(([number, name, member, resource, kind]) => [
    number,
    {
      number,
      name,
      member: member.value,
      memberMark: member.mark,
      resource: resource.value,
      resourceMark: resource.mark,
      withoutResource: resource.why ?? null,
      kind: kind ?? 'changed',
    },
  ]),
);

const resourceByMember = new Map<string, string>();
for (const { member, resource } of TRIGGERS.values()) {
  if (member !== null && resource !== null) resourceByMember.set(member, resource);
}
/** For members that the vendor does not publish: `appointment_reminder_id` can only mean `appointment_reminder`. */
const resourceBySpelling = new Map<string, string>();
for (const { resource } of TRIGGERS.values()) {
  if (resource !== null) resourceBySpelling.set(spelling(resource), resource);
}

const triggersByResource = new Map<string, Trigger[]>();
for (const trigger of TRIGGERS.values()) {
  if (trigger.resource === null) continue;
  const triggers = triggersByResource.get(trigger.resource);
  if (triggers === undefined) triggersByResource.set(trigger.resource, [trigger]);
  else triggers.push(trigger);
}

/**
 * The resource a member's name stands for (`client_id` → `client`), known or by its spelling alone; null when it is none
 * that a trigger announces. For `any` URLs.
 */
export function resourceOfMember(member: string): string | null {
  const known = resourceByMember.get(member);
  if (known !== undefined) return known;
  return resourceBySpelling.get(spelling(member.replace(/_id$/, ''))) ?? null;
}

/** The triggers that announce changes or deletions of a resource, in number order. */
export function triggersOf(resource: string): readonly Trigger[] {
  return triggersByResource.get(resource) ?? [];
}

function spelling(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}
