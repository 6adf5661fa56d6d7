import { Inject, Injectable } from '@nestjs/common';
import { faultPoint } from '@relay/service-kit';
import type { SpilledMessage } from '../persistence/spill-rows.js';
import { Spill } from '../spill/spill.js';
import { DurableIntake, type IntakeOutcome } from './durable-intake.js';

/**
 * Takes registrations in: into Kafka, or into the spill when Kafka does not answer. A vendor that is refused a notice
 * sends it again and a check heals the rest; a registration that is lost is a practice that nobody knows of.
 */
@Injectable()
export class RegistrationIntake {
  constructor(
    @Inject(DurableIntake) private readonly kafka: DurableIntake,
    @Inject(Spill) private readonly spill: Spill,
  ) {}

  async take(message: SpilledMessage): Promise<IntakeOutcome> {
    const { topic, value } = message;
    await faultPoint('gateway:before-durable');
    if ((await this.kafka.take(topic, value.tenantId, value.credentialId, value)) === 'durable') {
      await faultPoint('gateway:after-durable');
      return 'durable';
    }
    await faultPoint('gateway:before-spill');
    if (!(await this.spill.take(message))) return 'unavailable';
    await faultPoint('gateway:after-spill');
    return 'durable';
  }
}
