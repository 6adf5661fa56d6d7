import type { HooksRemoval, PurgeReceipt, WithdrawalValue } from '@relay/contracts';
import type { ReceivedBatch } from '@relay/kafka';
import { nextVersion, type StateMessage } from '@relay/state-topic';
import type { UnitOfWork } from '../ports/engine-store.js';
import { NO_FAREWELL, type Farewell } from '../core/purge-plan.js';

/** Statements without what the ledger adds: version and time. */
type HooksStatement = Pick<HooksRemoval, 'kind' | 'tenantId' | 'outcome' | 'removed' | 'reason' | 'withdrawnAt'>;
type PurgeStatement = Pick<PurgeReceipt, 'kind' | 'tenantId' | 'purgedAt' | 'upTo' | 'records'>;

/**
 * What `withdrawal.v1` says, read whole with every shard: the log outlives the tables, so a database that was restored from
 * a backup learns here what has been purged since.
 */
export class WithdrawalLedger {
  private readonly farewells = new Map<string, Farewell>();

  constructor(private readonly now: () => number) {}

  take(batch: ReceivedBatch<unknown>): void {
    for (const { value } of batch.messages) if (value !== null) this.note(value as WithdrawalValue);
  }

  of(tenantId: string): Farewell {
    return this.farewells.get(tenantId) ?? NO_FAREWELL;
  }

  /** Receipts of purges of the tenants that `owns` names. */
  receipts(owns: (tenantId: string) => boolean): PurgeReceipt[] {
    return [...this.farewells.values()].flatMap(({ purge }) => (purge !== null && owns(purge.tenantId) ? [purge] : []));
  }

  putHooks(unit: UnitOfWork, statement: HooksStatement): Promise<StateMessage> {
    return this.put(unit, statement, this.of(statement.tenantId).hooks);
  }

  putPurge(unit: UnitOfWork, statement: PurgeStatement): Promise<StateMessage> {
    return this.put(unit, statement, this.of(statement.tenantId).purge);
  }

  /** After the commit: from here on it counts, whenever the log shows it. */
  note(value: WithdrawalValue): void {
    const before = this.of(value.tenantId);
    switch (value.kind) {
      case 'hooks':
        if (value.version > (before.hooks?.version ?? 0)) {
          this.farewells.set(value.tenantId, { ...before, hooks: value });
        }
        return;
      case 'purge':
        if (value.version > (before.purge?.version ?? 0)) {
          this.farewells.set(value.tenantId, { ...before, purge: value });
        }
        return;
      default:
        return value satisfies never;
    }
  }

  private async put(
    unit: UnitOfWork,
    statement: HooksStatement | PurgeStatement,
    logged: WithdrawalValue | null,
  ): Promise<StateMessage> {
    const { kind, tenantId } = statement;
    const rowKey = `${tenantId}/${kind}`;
    const now = this.now();
    // The row may be older than the log: it was restored.
    const known = Math.max((await unit.farewells.get(rowKey))?.version ?? 0, logged?.version ?? 0);
    const version = nextVersion(known, now);
    const value = { ...statement, version, at: new Date(now).toISOString() };
    const message = await unit.farewells.put({ rowKey, partitionKey: tenantId, version, value });
    if (message === null) throw new Error('a row of withdrawal.v1 was written by somebody else');
    return message;
  }
}
