import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { Database } from '@relay/database';
import { RelayKafka } from '@relay/kafka';
import { OpeningKeys, StorageKeys } from '@relay/sealing';
import { missingCredentialKeys, missingStorageKeys, refuseOver } from './keys-at-start.js';
import { RotationWorker } from './rotation-worker.js';

/** Refuses to start without a key that is still needed, and exchanges keys in the background once it runs. */
@Injectable()
export class KeyRotation implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RelayKafka) private readonly kafka: RelayKafka,
    @Inject(StorageKeys) private readonly storage: StorageKeys,
    @Inject(OpeningKeys) private readonly opening: OpeningKeys,
    @Inject(RotationWorker) private readonly worker: RotationWorker,
  ) {}

  /** Before any message is read: a registration that cannot be opened would be put aside. */
  async onModuleInit(): Promise<void> {
    refuseOver([
      ...(await missingStorageKeys(this.database, this.storage)),
      ...(await missingCredentialKeys(this.kafka, this.opening)),
    ]);
  }

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }
}
