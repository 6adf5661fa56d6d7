import { Injectable } from '@nestjs/common';
import { hookupValueOf, readHookupMessage, type AcceptedHookup } from '@relay/contracts';
import { SealingKeys } from '@relay/sealing';
import { Problem } from '@relay/service-kit';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { Note } from '../changes/change-set.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { findTenant } from '../persistence/tenant-rows.js';
import { invalidRequest } from '../requests/invalid-request.js';
import { HookupRules } from './hookup-rules.js';
import { HookupSender } from './hookup-sender.js';
import { registerTenant, settleRegistration } from './register-tenant.js';
import { asWritten, expandShortForm, isShortForm } from './short-form.js';

/** Takes in a registration that came to an operator by e-mail: the same object, by the same rules, on the same topic. */
@Injectable()
export class OperatorRegistration {
  constructor(
    private readonly rules: HookupRules,
    private readonly sealing: SealingKeys,
    private readonly sender: HookupSender,
    private readonly changes: RegistryChanges,
    private readonly callbackUrl: string,
  ) {}

  /** `isNew` = no tenant, or only a withdrawn one, was known by this id before. */
  async register(body: unknown, note: Note): Promise<{ isNew: boolean; record: TenantRecord }> {
    const hookup = this.accept(body);
    const { tenantId, credentialId, host, clientSecret } = hookup;
    const context = { topic: 'hookup.v1', tenantId, credentialId, host };
    const sealed = clientSecret === null ? null : await this.sealing.seal(clientSecret, context);
    const value = hookupValueOf(hookup, sealed, 'operator', new Date());
    const before = await this.changes.read((tx) => findTenant(tx, tenantId));
    await this.sender.send(value);
    // The message also comes back through the topic; whichever of the two is quicker, the caller need not wait for that.
    const record = await this.changes.run(async (set) => {
      const registration = await registerTenant(set, value, note);
      // Nothing of the tenant itself changed, but a credential of it is tried: who sent it is kept all the same.
      if (set.saved.length === 0) await set.audit(note, { tenantId, detail: { credentialId } });
      return registration.record;
    });
    await this.changes.run((set) => settleRegistration(set, tenantId));
    return { isNew: before === null || before.life.facts.presence !== 'here', record };
  }

  private accept(body: unknown): AcceptedHookup {
    const short = isShortForm(body);
    const verdict = readHookupMessage(short ? expandShortForm(body, this.callbackUrl) : body, this.rules);
    if (verdict.kind === 'accepted') return verdict.hookup;
    const errors = short ? asWritten(verdict.errors) : verdict.errors;
    switch (verdict.kind) {
      case 'invalid':
        throw invalidRequest(errors);
      case 'forbidden-host':
        throw new Problem(403, {
          code: 'host-not-allowed',
          detail: 'a URL names a host that is not allowed, or not the same host as the others',
          extra: { errors },
        });
      default:
        return verdict satisfies never;
    }
  }
}
