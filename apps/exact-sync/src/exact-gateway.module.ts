import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { EXACT_BASE_SCOPES, exactEnvironmentId, exactScopeText, type ExactEnvironment } from '@relay/contracts';
import { RelayKafka } from '@relay/kafka';
import { Health, Log, Metrics } from '@relay/service-kit';
import type { TokenSource } from '@relay/sync-engine';
import type { ContinuationNames } from './calls/continuation.js';
import { ExactCalls, type ExactApi } from './calls/exact-calls.js';
import { PracticeBudget } from './calls/practice-budget.js';
import { PracticeCalls } from './calls/practice-calls.js';
import { RequestRate } from './calls/request-rate.js';
import { CallsByScope } from './calls/scoped-calls.js';
import type { ExactSyncConfig } from './config.js';
import { VersionGates } from './versions/version-gates.js';
import { ExactHttp } from './outgoing-http.provider.js';
import { PracticePlaces } from './practice-time/practice-places.js';
import { PracticeBook } from './practices/practice-book.js';
import { GrantedScopes } from './scopes/granted-scopes.js';

/** Access to the one gateway: its calls share a request rate, whoever makes them. */
export class ExactGateway implements OnApplicationShutdown {
  private built: { readonly calls: ExactCalls; readonly practices: PracticeCalls } | null = null;
  readonly continuation: ContinuationNames;
  readonly scopes: GrantedScopes;
  readonly practices = new PracticeBook();
  readonly places = new PracticePlaces(this.practices);
  readonly gates = new VersionGates(this.practices);
  readonly budget: PracticeBudget;
  private readonly rate: RequestRate;

  constructor(
    private readonly config: ExactSyncConfig,
    readonly environment: ExactEnvironment,
    private readonly http: ExactHttp,
  ) {
    this.continuation = {
      header: config.continuationHeader.toLowerCase(),
      member: config.continuationMember,
    };
    this.budget = new PracticeBudget(config.callsPerPracticeHour);
    this.rate = new RequestRate(config.maxRequestsPerSecond);
    this.scopes = new GrantedScopes(exactEnvironmentId(environment));
  }

  /** The calls, with the process's one table of tokens. */
  with(tokens: TokenSource): { readonly calls: ExactCalls; readonly practices: PracticeCalls } {
    if (this.built) return this.built;
    const calls = new ExactCalls(this.http, tokens, this.rate, this.api());
    const scoped = new CallsByScope(calls, this.scopes, this.continuation, this.config.httpAttemptTimeoutMs);
    const practices = new PracticeCalls(scoped, this.environment, this.gates, this.budget);
    this.built = { calls, practices };
    return this.built;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.scopes.close(), this.practices.close()]);
  }

  private api(): ExactApi {
    return {
      apiUrl: this.config.exactApiUrl,
      owner: exactEnvironmentId(this.environment),
      // As the token-broker spells the set, so that both mean the same token.
      scopes: exactScopeText(EXACT_BASE_SCOPES),
    };
  }
}

@Module({})
export class ExactGatewayModule {
  static forRoot(config: ExactSyncConfig, environment: ExactEnvironment): DynamicModule {
    return {
      module: ExactGatewayModule,
      providers: [
        {
          provide: ExactHttp,
          useFactory: (log: Log, metrics: Metrics) => new ExactHttp(config, log, metrics),
          inject: [Log, Metrics],
        },
        {
          provide: ExactGateway,
          useFactory: (http: ExactHttp, kafka: RelayKafka, health: Health, metrics: Metrics) => {
            const gateway = new ExactGateway(config, environment, http);
            gateway.budget.watch(metrics);
            gateway.scopes.start(kafka);
            gateway.practices.start(kafka);
            health.register('scopes', () =>
              gateway.scopes.isLoaded
                ? { status: 'up' }
                : { status: 'down', detail: 'what the client is granted is being read' },
            );
            health.register('practices', () =>
              gateway.practices.isLoaded
                ? { status: 'up' }
                : { status: 'down', detail: 'what is known of the practices is being read' },
            );
            return gateway;
          },
          inject: [ExactHttp, RelayKafka, Health, Metrics],
        },
      ],
      exports: [ExactGateway],
    };
  }
}
