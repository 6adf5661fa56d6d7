import { Module, type DynamicModule } from '@nestjs/common';
import { topicsOf } from '@relay/contracts';
import { KafkaModule } from '@relay/kafka';
import type { GatewayConfig } from './config.js';
import { ConsentController } from './consent/consent.controller.js';
import { DoorCounts } from './door/door-counts.js';
import { FailureLimit } from './door/failure-limit.js';
import { HookupController } from './hookup/hookup.controller.js';
import { HookupDoor } from './hookup/hookup-door.js';
import { DurableIntake } from './intake/durable-intake.js';
import { RegistrationIntake } from './intake/registration-intake.js';
import { SpillDatabase } from './spill/spill-database.js';
import { SpillDrain } from './spill/spill-drain.js';
import { Spill } from './spill/spill.js';
import { WebhookDoor } from './webhooks/webhook-door.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

@Module({})
export class GatewayModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    return {
      module: GatewayModule,
      imports: [KafkaModule.forRoot({ service: 'gateway', settings: config, topics: topicsOf('gateway') })],
      controllers: [HookupController, WebhooksController, ConsentController],
      providers: [
        DoorCounts,
        FailureLimit,
        DurableIntake,
        RegistrationIntake,
        SpillDatabase,
        Spill,
        SpillDrain,
        HookupDoor,
        WebhookDoor,
      ],
    };
  }
}
