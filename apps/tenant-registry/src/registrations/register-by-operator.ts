import { Injectable } from '@nestjs/common';
import { hookupValueOf, readHookupMessage, type AcceptedHookup, type HookupValue } from '@relay/contracts';
import { HostAllowList } from '@relay/http-client';
import { KafkaSendError, RelayKafka, controlMessage } from '@relay/kafka';
import { SealingKeys } from '@relay/sealing';
import { Problem } from '@relay/service-kit';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { Note } from '../changes/change-set.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { findTenant } from '../persistence/tenant-rows.js';
import { invalidRequest } from '../requests/invalid-request.js';
import { registerTenant, settleRegistration } from './register-tenant.js';

/** As long as the gateway waits for the same thing. */
const SEND_DEADLINE_MS = 5_000;

export interface HookupRules {
  readonly hosts: HostAllowList;
  readonly allowHttp: boolean;
}

/** Takes in a registration that came to an operator by e-mail: the same object, by the same rules, on the same topic. */
@Injectable()
export class OperatorRegistration {
  constructor(
    private readonly rules: HookupRules,
    private readonly sealing: SealingKeys,
    private readonly kafka: RelayKafka,
    private readonly changes: RegistryChanges,
  ) {}

  /** `isNew` = no tenant, or only a withdrawn one, was known by this id before. */
  async register(body: unknown, note: Note): Promise<{ isNew: boolean; record: TenantRecord }> {
    const hookup = this.accept(body);
    const { tenantId, credentialId, host, clientSecret } = hookup;
    const context = { topic: 'hookup.v1', tenantId, credentialId, host };
    const sealed = clientSecret === null ? null : await this.sealing.seal(clientSecret, context);
    const value = hookupValueOf(hookup, sealed, 'operator', new Date());
    const before = await this.changes.read((tx) => findTenant(tx, tenantId));
    await this.send(value);
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
    const verdict = readHookupMessage(body, {
      allowHttp: this.rules.allowHttp,
      hostAllowed: (host) => this.rules.hosts.allows(host),
    });
    switch (verdict.kind) {
      case 'accepted':
        return verdict.hookup;
      case 'invalid':
        throw invalidRequest(verdict.errors);
      case 'forbidden-host':
        throw new Problem(403, {
          code: 'host-not-allowed',
          detail: 'a URL names a host that is not allowed, or not the same host as the others',
          extra: { errors: verdict.errors },
        });
      default:
        return verdict satisfies never;
    }
  }

  private async send(value: HookupValue): Promise<void> {
    const { tenantId, credentialId } = value;
    const message = controlMessage(this.kafka.partitions, 'hookup.v1', tenantId, credentialId, value);
    try {
      await this.kafka.producer('control').send(message, { deadlineMs: SEND_DEADLINE_MS });
    } catch (error) {
      if (!(error instanceof KafkaSendError)) throw error;
      throw new Problem(503, {
        code: 'kafka-unavailable',
        detail: 'the registration could not be stored; send it again',
        headers: { 'retry-after': '5' },
      });
    }
  }
}
