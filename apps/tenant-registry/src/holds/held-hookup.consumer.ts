import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { HookupValue } from '@relay/contracts';
import type { Received } from '@relay/kafka';
import { RegistryChanges } from '../changes/registry-changes.js';
import { keepRegistration } from './keep-registration.js';

/** Reads `held-hookup.v1`: registrations with the right secret whose host is not allowed. */
@Controller()
export class HeldHookupConsumer {
  constructor(private readonly changes: RegistryChanges) {}

  @EventPattern<string>('held-hookup.v1')
  async onHeldHookup(@Payload() { value }: Received<HookupValue>): Promise<void> {
    if (value !== null) await this.changes.run((set) => keepRegistration(set, value));
  }
}
