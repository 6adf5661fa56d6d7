import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { TokenEndpoint } from '../minting/token-endpoint.js';
import { Outbox } from '../publishing/outbox.js';
import { DueWorker } from './due-worker.js';

/** Ends the broker's own work while its consumers stop, and its connections after them. */
@Injectable()
export class StopWork implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(DueWorker) private readonly worker: DueWorker,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(TokenEndpoint) private readonly endpoint: TokenEndpoint,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.outbox.close();
    await this.endpoint.close();
  }
}
