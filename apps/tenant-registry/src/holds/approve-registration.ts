import { Injectable } from '@nestjs/common';
import { readHookupMessage, type HookupValue } from '@relay/contracts';
import { Problem } from '@relay/service-kit';
import type { Note } from '../changes/change-set.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import { heldRegistration } from '../persistence/held-registration-rows.js';
import { closeHold, findHold, type HoldRecord } from '../persistence/hold-rows.js';
import { HookupRules } from '../registrations/hookup-rules.js';
import { HookupSender } from '../registrations/hookup-sender.js';
import { registerTenant, settleRegistration } from '../registrations/register-tenant.js';
import { holdClosed } from './hold-problems.js';

/**
 * Lets a registration that was held for its host go the way of all others. Its time of receipt stays what it was: one that
 * the same practice has sent since is newer, and stays so.
 */
@Injectable()
export class RegistrationApproval {
  constructor(
    private readonly rules: HookupRules,
    private readonly sender: HookupSender,
    private readonly changes: RegistryChanges,
  ) {}

  async approve(hold: HoldRecord, note: Note): Promise<HoldRecord> {
    const { holdId } = hold;
    const value = await this.changes.read((tx) => heldRegistration(tx, holdId));
    if (value === null) throw holdClosed();
    this.demandAllowed(value);
    // Durable first: a hold that stays open by an accident is approved again, a registration that is lost stays lost.
    await this.sender.send(value);
    const { tenantId, credentialId } = value;
    await this.changes.run(async (set) => {
      // Null: the consumer of the message that was just sent has been quicker and closed it.
      await closeHold(set.tx, holdId, 'approved', set.now);
      await set.audit(note, { tenantId, detail: { holdId, kind: hold.kind, credentialId } });
      await registerTenant(set, value, note);
    });
    await this.changes.run((set) => settleRegistration(set, tenantId));
    return (await this.changes.read((tx) => findHold(tx, holdId))) ?? hold;
  }

  /** By the same rules as at the door; whoever wrote the message to the topic is not relied on. */
  private demandAllowed(value: HookupValue): void {
    const verdict = readHookupMessage({ ...value.registration, client_secret: null }, this.rules);
    switch (verdict.kind) {
      case 'accepted':
        if (verdict.hookup.credentialId === value.credentialId && verdict.hookup.host === value.host) return;
        throw new Problem(409, { code: 'registration-invalid', detail: 'the registration does not agree with itself' });
      case 'forbidden-host':
        throw new Problem(409, {
          code: 'host-not-allowed',
          detail: `${value.host} is not allowed yet: add it to PROVET_ALLOWED_HOSTS of all services first`,
        });
      case 'invalid':
        throw new Problem(409, {
          code: 'registration-invalid',
          detail: 'its addresses are not allowed: plain http needs PROVET_ALLOW_HTTP',
        });
      default:
        return verdict satisfies never;
    }
  }
}
