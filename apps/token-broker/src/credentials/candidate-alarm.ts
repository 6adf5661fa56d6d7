import type { Log, Metrics } from '@relay/service-kit';
import type { Connection } from './connection.js';

/** Tells operators that a rotation has failed: the tenant works on, but somebody believes that it has a new secret. */
export class CandidateAlarm {
  private readonly failed;

  constructor(
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.failed = metrics.counter({
      name: 'relay_candidates_failed_total',
      help: 'Registrations and consents that came to nothing beside a credential that goes on being used',
      labelNames: ['code'],
    });
  }

  raise({ credentialId, tenantId }: Connection, { inForce, code }: { inForce: string; code: string }): void {
    this.failed.inc({ code });
    this.log.warn({ tenantId, credentialId, inForce, code }, 'a rotation has failed, the credential before goes on');
  }
}
