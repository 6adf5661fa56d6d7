/**
 * Keys under which the vendor's permission templates know a permission. Only those of the section "General" are published;
 * of the others the request gives the name, and the vendor's support finds the key.
 */
const KEYS: Readonly<Record<string, string>> = {
  'General: Patients and clients': 'patients-clients',
  'General: Consultations and its items': 'consultations',
  'General: Reminders': 'reminder',
  'General: Tasks': 'task',
  'General: Conversations': 'conversations',
  'General: Clinical notes': 'clinical-notes',
};

export function permissionKeyOf(permission: string): string | null {
  return KEYS[permission] ?? null;
}
