import { SealError } from './seal-error.js';

/** What a sealed text belongs to. It stands in the protected header and is checked at opening, member by member. */
export interface SealContext {
  readonly topic: string;
  readonly tenantId: string;
  readonly credentialId: string;
  readonly version?: number;
  readonly host?: string;
}

const MEMBERS = {
  topic: 'topic',
  tenantId: 'tid',
  credentialId: 'cid',
  version: 'ver',
  host: 'host',
} as const satisfies Record<keyof SealContext, string>;

export function contextHeader(context: SealContext): Record<string, string | number> {
  const header: Record<string, string | number> = {};
  for (const member of Object.keys(MEMBERS) as (keyof SealContext)[]) {
    const value = context[member];
    if (value !== undefined) header[MEMBERS[member]] = value;
  }
  return header;
}

/** Throws when the header was made for something else. A member that is absent on one side must be so on the other. */
export function checkContext(header: Readonly<Record<string, unknown>>, expected: SealContext): void {
  for (const member of Object.keys(MEMBERS) as (keyof SealContext)[]) {
    if (header[MEMBERS[member]] !== expected[member]) {
      throw new SealError('context-mismatch', `sealed for another ${member}`);
    }
  }
}
