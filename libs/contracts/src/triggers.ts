/**
 * Provet's webhook triggers (vendor page `webhook_triggers.html`; numbers and names confirmed, members as marked in the
 * reference). A webhook's body names only the record's id under `member`; what happened is told by the trigger number,
 * which therefore stands in the webhook's URL. `member: null` = the vendor does not publish it: the only member that ends
 * in `_id` is taken. `resource: null` = the relay has no resource for it yet: notices are carried without one.
 */
export interface Trigger {
  readonly number: number;
  readonly name: string;
  readonly member: string | null;
  readonly resource: string | null;
  readonly kind: 'changed' | 'deleted';
}

type Row = readonly [number, string, string | null, string | null, 'deleted'?];

const rows: readonly Row[] = [
  [1, 'Client created or modified', 'client_id', 'client'],
  [2, 'Patient created or modified', 'patient_id', 'patient'],
  [3, 'Consultation created or modified', 'consultation_id', 'consultation'],
  [4, 'Consultation deleted', 'consultation_id', 'consultation', 'deleted'],
  [5, 'Consultation item created or modified', 'consultationitem_id', 'consultationitem'],
  [6, 'Diagnostic imaging worklist created', 'diagnosticimagingworklist_id', 'diagnosticimaging_worklist'],
  [7, 'Diagnostic imaging worklist updated', 'diagnosticimagingworklist_id', 'diagnosticimaging_worklist'],
  [8, 'Diagnostic imaging worklist deleted', 'diagnosticimagingworklist_id', 'diagnosticimaging_worklist', 'deleted'],
  [9, 'Invoice created or modified', 'invoice_id', 'invoice'],
  [10, 'Invoice draft created or modified', 'invoice_id', 'invoice'],
  [11, 'Invoice payment created or modified', 'invoicepayment_id', 'invoicepayment'],
  [12, 'Unallocated payment created or modified', null, null],
  [13, 'Insurance claim created or modified', null, null],
  [14, 'Accounting report created or modified', null, null],
  [15, 'Organisation item created or modified', 'organizationitem_id', 'item'],
  [16, 'Laboratory referral created or modified', 'laboratory_referral_id', 'consultation_laboratory_referral'],
  [17, 'Consultation waiting for discharge', 'consultation_id', 'consultation'],
  [18, 'Patient referral created or modified', null, null],
  [19, 'SMS sent', null, null],
  [20, 'E-mail sent', 'email_log_id', null],
  [21, 'Appointment created or modified', 'appointment_id', 'appointment'],
  [22, 'Appointment deleted', 'appointment_id', 'appointment', 'deleted'],
  [23, 'Invoice row deleted', 'invoicerow_id', 'invoicerow', 'deleted'],
  [24, 'Reminder deleted', 'reminder_id', 'reminder', 'deleted'],
  [25, 'Reminder template deleted', null, null, 'deleted'],
  [26, 'Treatment plan created or modified', null, null],
  [27, 'Treatment plan item created or modified', null, null],
  [28, 'User created or modified', 'user_id', 'user'],
  [29, 'Treatment plan deleted', null, null, 'deleted'],
  [30, 'Treatment plan item deleted', null, null, 'deleted'],
  [31, 'Reminder created or modified', 'reminder_id', 'reminder'],
  [32, 'Organisation medicine created or modified', null, null],
  [33, 'Organisation supply created or modified', null, null],
  [34, 'Organisation food created or modified', null, null],
  [35, 'Organisation procedure created or modified', null, null],
  [36, 'Organisation laboratory analysis created or modified', null, null],
  [37, 'Organisation laboratory analysis panel created or modified', null, null],
  [38, 'Patient referral feedback sent', null, null],
  [39, 'Client deleted', 'client_id', 'client', 'deleted'],
  [40, 'Notes and communication created or modified', null, null],
  [41, 'Appointment reminder created', null, null],
  [42, 'Appointment reminder updated', null, null],
  [43, 'Appointment reminder deleted', null, null, 'deleted'],
  [44, 'Client communication preference created or modified', null, null],
  [45, 'Consultation finalized', 'consultation_id', 'consultation'],
  [46, 'Stock order created or modified', null, null],
  [47, 'Stock order deleted', null, null, 'deleted'],
  [48, 'Stock item entry created or modified', null, null],
  [49, 'Stock item entry deleted', null, null, 'deleted'],
  [50, 'Cabinet item used', null, null],
  [51, 'Organisation cabinet item created or modified', null, null],
  [52, 'Stock order item created or modified', null, null],
  [53, 'Stock order item deleted', null, null, 'deleted'],
  [54, 'Health plan status updated', null, null],
  [55, 'Cabinet item use cancelled', null, null],
  [56, 'Home delivery order created', null, null],
  [57, 'Home delivery item updated', null, null],
  [58, 'Home delivery item replaced', null, null],
  [59, 'External SMS received', null, null],
  [60, 'Invoice extra fee after finalization', null, null],
  [61, 'Reason group created or modified', null, null],
  [62, 'Reason created or modified', null, null],
  [63, 'Department settings changed', null, null],
  [64, 'Organisation settings changed', null, null],
  [65, 'Phone number created or modified', null, null],
  [66, 'Cash register created or modified', null, null],
  [67, 'Cash book entry created', null, null],
  [68, 'Z report created', null, null],
];

export const TRIGGERS: ReadonlyMap<number, Trigger> = new Map(
  rows.map(([number, name, member, resource, kind]) => [
    number,
    { number, name, member, resource, kind: kind ?? 'changed' },
  ]),
);

const resourceByMember = new Map<string, string>();
for (const { member, resource } of TRIGGERS.values()) {
  if (member !== null && resource !== null) resourceByMember.set(member, resource);
}

/** The resource a member's name stands for (`client_id` → `client`); null when no trigger uses it. For `any` URLs. */
export function resourceOfMember(member: string): string | null {
  return resourceByMember.get(member) ?? null;
}

/** The triggers that announce changes or deletions of a resource, in number order. */
export function triggersOf(resource: string): readonly Trigger[] {
  return [...TRIGGERS.values()].filter((trigger) => trigger.resource === resource);
}
