import { Inject, Injectable } from '@nestjs/common';
import { AuditPublisher } from '@relay/audit';
import { Database, isTransient, type Tx } from '@relay/database';
import { CONFIG, Log, Problem, faultPoint } from '@relay/service-kit';
import { setTimeout as delay } from 'node:timers/promises';
import type { RegistryConfig } from '../config.js';
import { TenantPublisher } from '../publishing/tenant-publisher.js';
import { callbackUrlOf } from '../registrations/our-callback.js';
import { ChangeSet } from './change-set.js';
import { TenantMovedOn } from './tenant-moved-on.js';

/** Replicas rarely meet on one tenant. Of those that do one always gets through, so this many must meet to fail one. */
const TRIES = 20;
/** Apart in time, so that the same ones do not meet again. */
const LONGEST_PAUSE_MS = 25;

/** Runs changes of tenants: one transaction each, repeated when another replica was quicker, published afterwards. */
@Injectable()
export class RegistryChanges {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly tenants: TenantPublisher,
    private readonly audit: AuditPublisher,
    private readonly log: Log,
    @Inject(CONFIG) private readonly config: RegistryConfig,
  ) {}

  /** `work` may run several times; it must do nothing that the transaction does not undo. */
  async run<T>(work: (set: ChangeSet) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (!(error instanceof TenantMovedOn)) throw isTransient(error) ? databaseAway(error) : error;
        if (attempt === TRIES) throw tooBusy(error);
        await delay(Math.random() * LONGEST_PAUSE_MS);
      }
    }
  }

  /** Reads without changing anything. */
  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await work(this.database);
    } catch (error) {
      throw isTransient(error) ? databaseAway(error) : error;
    }
  }

  private async attempt<T>(work: (set: ChangeSet) => Promise<T>): Promise<T> {
    const { result, set } = await this.database.transaction(async (tx) => {
      const set = new ChangeSet(tx, this.tenants, Date.now(), callbackUrlOf(this.config.publicUrl));
      return { result: await work(set), set };
    });
    for (const { actor, action, tenantId, reason, detail } of set.audited) {
      this.log.info({ actor, action, tenantId, reason, detail }, 'registry changed');
    }
    if (set.saved.length > 0) await faultPoint('tenant-registry:after-commit');
    // The rows are committed: what cannot be sent now is sent later, so nobody waits for Kafka here.
    if (set.saved.length > 0) this.tenants.publish(set.saved);
    if (set.audited.length > 0) this.audit.publishSoon();
    return result;
  }
}

/** Both are retryable for consumers and 503 for callers. */
function databaseAway(cause: unknown): Problem {
  return later('database-unavailable', 'the database does not answer; try again', cause);
}

function tooBusy(cause: unknown): Problem {
  return later('tenant-busy', 'the tenant is being changed by many at once; try again', cause);
}

function later(code: string, detail: string, cause: unknown): Problem {
  const problem = new Problem(503, { code, detail, headers: { 'retry-after': '5' } });
  problem.cause = cause;
  return problem;
}
