import { Module, type DynamicModule } from '@nestjs/common';
import { exactEnvironmentId, type ExactEnvironment } from '@relay/contracts';
import { Log, Metrics } from '@relay/service-kit';
import type { TokenSource } from '@relay/sync-engine';
import type { ContinuationNames } from './calls/continuation.js';
import { ExactCalls, type ExactApi } from './calls/exact-calls.js';
import { PracticeCalls } from './calls/practice-calls.js';
import { PracticeStanding } from './calls/practice-standing.js';
import { RequestRate } from './calls/request-rate.js';
import type { ExactSyncConfig } from './config.js';
import { ExactHttp } from './outgoing-http.provider.js';
import { FreshListing } from './subscriptions/fresh-listing.js';

/** Access to the one gateway: its calls share a request rate, whoever makes them. */
export class ExactGateway {
  private built: { readonly calls: ExactCalls; readonly practices: PracticeCalls } | null = null;
  readonly continuation: ContinuationNames;
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
    this.rate = new RequestRate(config.maxRequestsPerSecond);
  }

  /** The calls, with the process's one table of tokens. */
  with(tokens: TokenSource): { readonly calls: ExactCalls; readonly practices: PracticeCalls } {
    if (this.built) return this.built;
    const calls = new ExactCalls(this.http, tokens, this.rate, this.api());
    const listing = new FreshListing(calls, this.continuation, this.config.httpAttemptTimeoutMs);
    const practices = new PracticeCalls(calls, new PracticeStanding(calls, listing));
    this.built = { calls, practices };
    return this.built;
  }

  private api(): ExactApi {
    return {
      apiUrl: this.config.exactApiUrl,
      owner: exactEnvironmentId(this.environment),
      // As the token-broker spells the set, so that both mean the same token.
      scopes: [...new Set(this.config.exactScopes)].sort().join(' '),
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
          useFactory: (http: ExactHttp) => new ExactGateway(config, environment, http),
          inject: [ExactHttp],
        },
      ],
      exports: [ExactGateway],
    };
  }
}
