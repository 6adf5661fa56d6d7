import type { FactoryProvider } from '@nestjs/common';
import { Database } from '@relay/database';
import { StorageKeys } from '@relay/sealing';
import { CONFIG, Log, Metrics } from '@relay/service-kit';
import type { TokenBrokerConfig } from '../config.js';
import { CredentialDesk } from '../credentials/credential-desk.js';
import { Outbox } from '../publishing/outbox.js';
import { TokenSealer } from '../publishing/token-sealer.js';
import { HeldShards } from '../shards/held-shards.js';
import { RenewColumns } from './renew-columns.js';
import { ResealTokens } from './reseal-tokens.js';
import { RotationProgress } from './rotation-progress.js';
import { RotationWorker } from './rotation-worker.js';

/** The keys of the broker's own making, and what exchanges them. */
export const rotationProviders: FactoryProvider[] = [
  {
    provide: StorageKeys,
    inject: [CONFIG],
    useFactory: (config: TokenBrokerConfig) => StorageKeys.parse(config.storageKeysJwks),
  },
  {
    provide: TokenSealer,
    inject: [CONFIG],
    useFactory: (config: TokenBrokerConfig) =>
      new TokenSealer(config.provetTokenPublicJwks, config.exactTokenPublicJwks),
  },
  {
    provide: RotationWorker,
    inject: [Database, StorageKeys, HeldShards, CredentialDesk, Outbox, TokenSealer, Log, Metrics],
    useFactory: (
      database: Database,
      storage: StorageKeys,
      shards: HeldShards,
      desk: CredentialDesk,
      outbox: Outbox,
      sealer: TokenSealer,
      log: Log,
      metrics: Metrics,
    ) => {
      const progress = new RotationProgress(metrics);
      return new RotationWorker({
        columns: new RenewColumns({ database, storage, progress, log }),
        tokens: new ResealTokens({ database, shards, desk, outbox, sealer, progress, log }),
        log,
      });
    },
  },
];
