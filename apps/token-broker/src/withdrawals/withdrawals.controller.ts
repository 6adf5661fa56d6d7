import { Controller, Inject, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { WithdrawalValue } from '@relay/contracts';
import { groupTransport, type ReceivedBatch } from '@relay/kafka';
import { HookRemovals } from './hook-removals.js';
import { WithdrawalWorker } from './withdrawal-worker.js';

/** Hears from the syncs that they need a withdrawn tenant's token no more, and sees to it that it is revoked then. */
@Controller()
export class WithdrawalsController implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(HookRemovals) private readonly removals: HookRemovals,
    @Inject(WithdrawalWorker) private readonly worker: WithdrawalWorker,
  ) {}

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }

  @EventPattern<string>('withdrawal.v1', groupTransport('token-broker'), { batch: true })
  onWithdrawals(@Payload() batch: ReceivedBatch<WithdrawalValue>): void {
    for (const { value } of batch.messages) if (value !== null) this.removals.note(value);
  }
}
