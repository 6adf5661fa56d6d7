import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ControlGuard } from './control.guard.js';
import { CONTROLLED, type Controlled } from './controlled.js';
import { ExactController } from './exact.controller.js';
import { FaultsController } from './faults.controller.js';
import { ObserveController } from './observe.controller.js';
import { PracticeRecordsController } from './practice-records.controller.js';
import { TenantRecordsController } from './tenant-records.controller.js';
import { TenantsController } from './tenants.controller.js';

/** The control API below `/_control`. */
@Module({})
export class ControlModule {
  static forSimulator(controlled: Controlled): DynamicModule {
    return {
      module: ControlModule,
      controllers: [
        ObserveController,
        FaultsController,
        TenantsController,
        TenantRecordsController,
        ExactController,
        PracticeRecordsController,
      ],
      providers: [
        { provide: CONTROLLED, useValue: controlled },
        { provide: APP_GUARD, useClass: ControlGuard },
      ],
    };
  }
}

/** For a port without a control API. */
@Module({})
export class NoControlModule {}
