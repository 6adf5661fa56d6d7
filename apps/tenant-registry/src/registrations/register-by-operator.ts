import { Injectable } from '@nestjs/common';
import { hookupValueOf, readHookupMessage, type AcceptedHookup } from '@relay/contracts';
import { HostAllowList } from '@relay/http-client';
import { KafkaSendError, RelayKafka, controlMessage } from '@relay/kafka';
import { SealingKeys } from '@relay/sealing';
import { Problem } from '@relay/service-kit';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { Note } from '../changes/change-set.js';
import { invalidRequest } from '../requests/invalid-request.js';
import { registerTenant, settleRegistration, type Registration } from './register-tenant.js';

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

  async register(body: unknown, note: Note): Promise<Registration> {
    const hookup = this.accept(body);
    const { tenantId, credentialId, host, clientSecret } = hookup;
    const context = { topic: 'hookup.v1', tenantId, credentialId, host };
    const sealed = clientSecret === null ? null : await this.sealing.seal(clientSecret, context);
    const value = hookupValueOf(hookup, sealed, 'operator', new Date());
    await this.send(tenantId, credentialId, value);
    // The same message comes back through the topic and is then known already; the caller need not wait for that.
    const registration = await this.changes.run((set) => registerTenant(set, value, note));
    await this.changes.run((set) => settleRegistration(set, tenantId));
    return registration;
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

  private async send(
    ...[tenantId, credentialId, value]: [string, string, ReturnType<typeof hookupValueOf>]
  ): Promise<void> {
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
