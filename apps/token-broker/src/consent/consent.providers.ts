import type { FactoryProvider } from '@nestjs/common';
import { Database } from '@relay/database';
import { CONFIG, Log, Metrics } from '@relay/service-kit';
import type { TokenBrokerConfig } from '../config.js';
import { AcceptGrant } from '../credentials/accept-grant.js';
import { TokenEndpoint } from '../minting/token-endpoint.js';
import { Vault } from '../persistence/vault.js';
import { BeginConsent } from './begin-consent.js';
import { FinishConsent } from './finish-consent.js';
import { FollowInvites } from './follow-invites.js';
import { ProviderCalls } from './provider-calls.js';
import type { ConsentParts } from './consent-parts.js';

const CONSENT_PARTS = Symbol('consent parts');

/** How the parts of consent are put together. */
export const consentProviders: FactoryProvider[] = [
  {
    provide: ProviderCalls,
    inject: [CONFIG, Log, Metrics],
    useFactory: (config: TokenBrokerConfig, log: Log, metrics: Metrics) =>
      new ProviderCalls({
        allowedHosts: config.provetAllowedHosts,
        allowHttp: config.provetAllowHttp,
        attemptTimeoutMs: config.httpAttemptTimeoutMs,
        log,
        metrics,
      }),
  },
  {
    provide: CONSENT_PARTS,
    inject: [CONFIG, Database, Vault, ProviderCalls, TokenEndpoint, AcceptGrant, Log],
    useFactory: (
      { publicUrl }: TokenBrokerConfig,
      database: Database,
      vault: Vault,
      calls: ProviderCalls,
      endpoint: TokenEndpoint,
      grants: AcceptGrant,
      log: Log,
    ): ConsentParts => ({
      database,
      rows: vault.consents,
      audit: vault.audit,
      calls,
      endpoint,
      grants,
      publicUrl,
      log,
    }),
  },
  { provide: BeginConsent, inject: [CONSENT_PARTS], useFactory: (parts: ConsentParts) => new BeginConsent(parts) },
  { provide: FinishConsent, inject: [CONSENT_PARTS], useFactory: (parts: ConsentParts) => new FinishConsent(parts) },
  { provide: FollowInvites, inject: [Vault], useFactory: (vault: Vault) => new FollowInvites(vault.consents) },
];
