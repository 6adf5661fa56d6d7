import type { FactoryProvider } from '@nestjs/common';
import { AuditPublisher } from '@relay/audit';
import { EXACT_BASE_SCOPES, EXACT_RESOURCES } from '@relay/contracts';
import { Database, ShardEpochs } from '@relay/database';
import { RelayKafka } from '@relay/kafka';
import { OpeningKeys, StorageKeys } from '@relay/sealing';
import { CONFIG, Log, Metrics } from '@relay/service-kit';
import { AuditTrail } from './audit/audit-trail.js';
import type { TokenBrokerConfig } from './config.js';
import { AcceptGrant } from './credentials/accept-grant.js';
import { CandidateAlarm } from './credentials/candidate-alarm.js';
import { CredentialDesk } from './credentials/credential-desk.js';
import { ProveCandidate } from './credentials/prove-candidate.js';
import { RegisterCredential } from './credentials/register-credential.js';
import { exactOwner } from './exact/exact-client.js';
import { ExactClientKeeper } from './exact/exact-client-keeper.js';
import { ScopeWork } from './exact/scope-work.js';
import { TokenEndpoint } from './minting/token-endpoint.js';
import { TokenPace } from './minting/token-pace.js';
import { Vault } from './persistence/vault.js';
import { Outbox } from './publishing/outbox.js';
import { TokenSealer } from './publishing/token-sealer.js';
import { RotationWorker } from './rotation/rotation-worker.js';
import { BrokerShards } from './shards/broker-shards.js';
import { HeldShards } from './shards/held-shards.js';
import { patienceMs } from './tokens/grant-plan.js';
import { GrantRefresher } from './tokens/grant-refresher.js';
import { InvalidateTokens } from './tokens/invalidate-tokens.js';
import { TokenWork } from './tokens/token-work.js';
import { HookRemovals } from './withdrawals/hook-removals.js';
import { WithdrawTenant } from './withdrawals/withdraw-tenant.js';
import { WithdrawalWorker } from './withdrawals/withdrawal-worker.js';
import { DueWorker } from './work/due-worker.js';
import { HostGate } from './work/host-gate.js';

/** What to look for at EXACT, and how often. The base is asked for whatever the configuration says. */
const scopeSearchOf = (config: TokenBrokerConfig) => ({
  wanted: [...new Set<string>([...EXACT_BASE_SCOPES, ...config.exactScopes])].sort(),
  resources: EXACT_RESOURCES.filter((resource) => config.exactResources.includes(resource)),
  everyMs: config.exactScopeProbeSeconds * 1000,
});

const backoffOf = (config: TokenBrokerConfig) => ({ minMs: config.backoffMinMs, maxMs: config.backoffMaxMs });

/** How the broker's parts are put together. The parts themselves know nothing of Nest. */
export const providers: FactoryProvider[] = [
  {
    provide: OpeningKeys,
    inject: [CONFIG],
    useFactory: (config: TokenBrokerConfig) => OpeningKeys.parse(config.credentialPrivateJwks),
  },
  {
    provide: Vault,
    inject: [StorageKeys, AuditPublisher],
    useFactory: (storage: StorageKeys, publisher: AuditPublisher) =>
      new Vault(storage, new AuditTrail(() => publisher.noteWritten())),
  },
  {
    provide: HeldShards,
    inject: [ShardEpochs],
    useFactory: (epochs: ShardEpochs) => new HeldShards(epochs),
  },
  {
    provide: TokenEndpoint,
    inject: [CONFIG, RelayKafka, HeldShards, Log, Metrics],
    useFactory: (config: TokenBrokerConfig, kafka: RelayKafka, held: HeldShards, log: Log, metrics: Metrics) =>
      new TokenEndpoint({
        allowedHosts: config.provetAllowedHosts,
        allowHttp: config.provetAllowHttp,
        attemptTimeoutMs: config.httpAttemptTimeoutMs,
        exactApiUrl: config.exactApiUrl,
        exactAuthorityUrl: config.exactAuthorityUrl,
        exactTokenUrl: config.exactTokenUrl,
        // The rate is the vendor's, whatever the number of processes: each may use it as far as it holds the shards.
        pace: new TokenPace(config.tokenRequestsPerSecond, () => held.shards().length / kafka.partitions),
        log,
        metrics,
      }),
  },
  {
    provide: Outbox,
    inject: [RelayKafka, Database, Log, Metrics],
    useFactory: (kafka: RelayKafka, database: Database, log: Log, metrics: Metrics) =>
      new Outbox({ kafka, database, log, metrics }),
  },
  {
    provide: CredentialDesk,
    inject: [Vault, Outbox, TokenSealer],
    useFactory: (vault: Vault, outbox: Outbox, sealer: TokenSealer) => new CredentialDesk({ vault, outbox, sealer }),
  },
  {
    provide: RegisterCredential,
    inject: [Vault, CredentialDesk],
    useFactory: (vault: Vault, desk: CredentialDesk) => new RegisterCredential(vault, desk),
  },
  {
    provide: CandidateAlarm,
    inject: [Log, Metrics],
    useFactory: (log: Log, metrics: Metrics) => new CandidateAlarm(log, metrics),
  },
  {
    provide: InvalidateTokens,
    inject: [Vault],
    useFactory: (vault: Vault) => new InvalidateTokens(vault),
  },
  {
    provide: WithdrawTenant,
    inject: [Vault, CredentialDesk],
    useFactory: (vault: Vault, desk: CredentialDesk) => new WithdrawTenant(vault, desk),
  },
  { provide: HookRemovals, inject: [], useFactory: () => new HookRemovals() },
  {
    provide: WithdrawalWorker,
    inject: [CONFIG, Database, HeldShards, HookRemovals, WithdrawTenant, TokenEndpoint, Outbox, Vault, Log],
    useFactory: (
      config: TokenBrokerConfig,
      database: Database,
      shards: HeldShards,
      removals: HookRemovals,
      withdraw: WithdrawTenant,
      endpoint: TokenEndpoint,
      outbox: Outbox,
      { audit }: Vault,
      log: Log,
    ) =>
      new WithdrawalWorker({
        database,
        shards,
        removals,
        withdraw,
        endpoint,
        outbox,
        backoff: backoffOf(config),
        spendMs: patienceMs(config.httpAttemptTimeoutMs),
        audit,
        log,
      }),
  },
  {
    provide: DueWorker,
    inject: [
      CONFIG,
      Database,
      HeldShards,
      Vault,
      CredentialDesk,
      RegisterCredential,
      Outbox,
      TokenEndpoint,
      CandidateAlarm,
      Log,
      Metrics,
    ],
    useFactory: (
      config: TokenBrokerConfig,
      database: Database,
      shards: HeldShards,
      vault: Vault,
      desk: CredentialDesk,
      register: RegisterCredential,
      outbox: Outbox,
      endpoint: TokenEndpoint,
      alarm: CandidateAlarm,
      log: Log,
      metrics: Metrics,
    ) => {
      const refresher = new GrantRefresher({
        database,
        shards,
        vault,
        endpoint,
        patienceMs: patienceMs(config.httpAttemptTimeoutMs),
        unansweredMs: config.backoffMaxMs,
        log,
        metrics,
      });
      const parts = { database, shards, vault, desk, outbox, endpoint, refresher, backoff: backoffOf(config), log };
      const candidates = new ProveCandidate({ ...parts, register, maxPerHour: config.hookupMaxPerHour, alarm });
      const tokens = new TokenWork(parts);
      const scopes = new ScopeWork({ ...parts, ...scopeSearchOf(config) });
      const workers = { candidate: candidates, token: tokens, scopes };
      return new DueWorker({
        database,
        shards,
        exactOwner: exactOwner(config),
        gate: new HostGate(config.breakerFailures),
        log,
        doWork: (work, held, signal) => workers[work.kind].run(work, held, signal),
      });
    },
  },
  {
    provide: AcceptGrant,
    inject: [RelayKafka, HeldShards, Vault, DueWorker],
    useFactory: ({ partitions }: RelayKafka, shards: HeldShards, vault: Vault, worker: DueWorker) =>
      new AcceptGrant({ shards, vault, partitions, kick: () => worker.kick() }),
  },
  {
    provide: BrokerShards,
    inject: [CONFIG, RelayKafka, HeldShards, Vault, RegisterCredential, Outbox, DueWorker, RotationWorker],
    useFactory: (
      config: TokenBrokerConfig,
      kafka: RelayKafka,
      shards: HeldShards,
      vault: Vault,
      register: RegisterCredential,
      outbox: Outbox,
      worker: DueWorker,
      rotation: RotationWorker,
    ) => {
      const { partitions } = kafka;
      const exact = new ExactClientKeeper({ settings: config, partitions, shards, vault, register, outbox });
      return new BrokerShards(shards, exact, outbox, worker, rotation);
    },
  },
];
