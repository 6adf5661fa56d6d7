import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { AuditPublisher } from '@relay/audit';
import { topicsOf } from '@relay/contracts';
import { Database, DatabaseModule } from '@relay/database';
import { KafkaModule } from '@relay/kafka';
import { SealingKeys } from '@relay/sealing';
import { ConfigError, Log, Metrics } from '@relay/service-kit';
import { AuditKeeper } from './audit/audit-keeper.js';
import { AuditConsumer } from './audit/audit.consumer.js';
import { AuditController } from './audit/audit.controller.js';
import { RegistryChanges } from './changes/registry-changes.js';
import type { RegistryConfig } from './config.js';
import { CredentialConsumer } from './credentials/credential.consumer.js';
import { RegistrationApproval } from './holds/approve-registration.js';
import { HeldHookupConsumer } from './holds/held-hookup.consumer.js';
import { missingHeldKeys } from './holds/held-keys.js';
import { holdGauge } from './holds/hold-gauge.js';
import { HoldKeeper } from './holds/hold-keeper.js';
import { HoldsController } from './holds/holds.controller.js';
import { PurgeKeeper } from './lifecycle/purge-keeper.js';
import { migrations } from './migrations.js';
import { OperatorGuard } from './operators/operator.guard.js';
import { OperatorTokens } from './operators/operator-tokens.js';
import { AuditLog } from './persistence/audit-log.js';
import { AuditRecord } from './persistence/audit-record.js';
import { ReadBackConsumer } from './publishing/read-back.consumer.js';
import { TenantPublisher } from './publishing/tenant-publisher.js';
import { HookupRules } from './registrations/hookup-rules.js';
import { HookupSender } from './registrations/hookup-sender.js';
import { callbackUrlOf } from './registrations/our-callback.js';
import { OperatorRegistration } from './registrations/register-by-operator.js';
import { RegistrationConsumer } from './registrations/registration.consumer.js';
import { SubscriptionConsumer } from './subscriptions/subscription.consumer.js';
import { SyncStatusConsumer } from './sync-status/sync-status.consumer.js';
import { tenantGauge } from './tenants/tenant-gauge.js';
import { TenantsController } from './tenants/tenants.controller.js';

export const API_CONTROLLERS = [TenantsController, HoldsController, AuditController];
const CONSUMERS = [
  RegistrationConsumer,
  HeldHookupConsumer,
  CredentialConsumer,
  SubscriptionConsumer,
  SyncStatusConsumer,
  AuditConsumer,
  ReadBackConsumer,
];

@Module({})
export class RegistryModule implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly database: Database,
    private readonly log: Log,
    @Inject(SealingKeys) private readonly sealing: SealingKeys,
  ) {}

  static forRoot(config: RegistryConfig): DynamicModule {
    return {
      module: RegistryModule,
      imports: [
        KafkaModule.forRoot({
          service: 'tenant-registry',
          settings: config,
          topics: topicsOf('tenant-registry'),
        }),
        DatabaseModule.forRoot({
          service: 'tenant-registry',
          url: config.databaseUrl,
          poolSize: config.databasePoolSize,
          entities: [AuditRecord],
          migrations,
        }),
      ],
      controllers: [...API_CONTROLLERS, ...CONSUMERS],
      providers: [
        AuditPublisher,
        AuditLog,
        AuditKeeper,
        TenantPublisher,
        RegistryChanges,
        OperatorGuard,
        { provide: OperatorTokens, useValue: OperatorTokens.parse(config.operatorTokens).tokens },
        HoldKeeper,
        PurgeKeeper,
        HookupSender,
        RegistrationApproval,
        { provide: HookupRules, useValue: new HookupRules(config) },
        { provide: SealingKeys, useValue: SealingKeys.parse(config.credentialPublicJwks) },
        {
          provide: OperatorRegistration,
          useFactory: (rules: HookupRules, sealing: SealingKeys, sender: HookupSender, changes: RegistryChanges) =>
            new OperatorRegistration(rules, sealing, sender, changes, callbackUrlOf(config.publicUrl)),
          inject: [HookupRules, SealingKeys, HookupSender, RegistryChanges],
        },
      ],
    };
  }

  async onModuleInit(): Promise<void> {
    const problems = await missingHeldKeys(this.database, this.sealing.kids);
    if (problems.length > 0) throw new ConfigError(problems);
    tenantGauge(this.metrics, this.database, this.log);
    holdGauge(this.metrics, this.database, this.log);
  }
}
