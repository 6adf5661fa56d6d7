import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CredentialValue } from '@relay/contracts';
import type { Received } from '@relay/kafka';
import { faultPoint } from '@relay/service-kit';
import { RegistryChanges } from '../changes/registry-changes.js';
import { applyCredential } from './apply-credential.js';

/** Reads `credential.v1`: what the token-broker has found out about each credential. */
@Controller()
export class CredentialConsumer {
  constructor(private readonly changes: RegistryChanges) {}

  @EventPattern<string>('credential.v1')
  async onCredential(@Payload() { key, value }: Received<CredentialValue>): Promise<void> {
    await faultPoint('tenant-registry:before-credential');
    await this.changes.run((set) => applyCredential(set, key, value));
    await faultPoint('tenant-registry:after-credential');
  }
}
