import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { HookupValue } from '@relay/contracts';
import type { Received } from '@relay/kafka';
import { faultPoint } from '@relay/service-kit';
import { RegistryChanges } from '../changes/registry-changes.js';
import { registerTenant, settleRegistration } from './register-tenant.js';

/** Reads `hookup.v1`. A tombstone says only that the token-broker has stored the credential. */
@Controller()
export class RegistrationConsumer {
  constructor(private readonly changes: RegistryChanges) {}

  @EventPattern<string>('hookup.v1')
  async onHookup(@Payload() { value }: Received<HookupValue>): Promise<void> {
    if (value === null) return;
    await faultPoint('tenant-registry:before-register');
    await this.changes.run((set) => registerTenant(set, value));
    await faultPoint('tenant-registry:after-register');
    await this.changes.run((set) => settleRegistration(set, value.tenantId));
    await faultPoint('tenant-registry:after-settle');
  }
}
