import { Module, type DynamicModule } from '@nestjs/common';
import { AuditPublisher } from '@relay/audit';
import { topicsOf } from '@relay/contracts';
import { DatabaseModule } from '@relay/database';
import { KafkaModule } from '@relay/kafka';
import type { TokenBrokerConfig } from './config.js';
import { ConsentController } from './consent/consent.controller.js';
import { consentProviders } from './consent/consent.providers.js';
import { HookupsController } from './hookups/hookups.controller.js';
import { migrations } from './migrations.js';
import { ReadBackController } from './publishing/read-back.controller.js';
import { KeyRotation } from './rotation/key-rotation.js';
import { rotationProviders } from './rotation/rotation.providers.js';
import { providers } from './token-broker.providers.js';
import { TokenCommandsController } from './tokens/token-commands.controller.js';
import { TenantsController } from './withdrawals/tenants.controller.js';
import { WithdrawalsController } from './withdrawals/withdrawals.controller.js';
import { StopWork } from './work/stop-work.js';

@Module({})
export class TokenBrokerModule {
  static forRoot(config: TokenBrokerConfig): DynamicModule {
    return {
      module: TokenBrokerModule,
      imports: [
        KafkaModule.forRoot({ service: 'token-broker', settings: config, topics: topicsOf('token-broker') }),
        DatabaseModule.forRoot({
          service: 'token-broker',
          url: config.databaseUrl,
          poolSize: config.databasePoolSize,
          migrations,
        }),
      ],
      controllers: [
        HookupsController,
        TenantsController,
        WithdrawalsController,
        TokenCommandsController,
        ReadBackController,
        ConsentController,
      ],
      providers: [AuditPublisher, ...rotationProviders, ...providers, ...consentProviders, KeyRotation, StopWork],
    };
  }
}
