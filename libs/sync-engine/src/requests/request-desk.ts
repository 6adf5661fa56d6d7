import { vendorOf, type SyncReplyValue, type SyncRequestValue } from '@relay/contracts';
import { RetryLater, controlMessage, type ReceivedBatch } from '@relay/kafka';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { EngineStore } from '../ports/engine-store.js';
import type { RecordLog } from '../ports/record-log.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import { decideDeletions } from './decide-deletions.js';
import { lookUp } from './look-up.js';
import type { Conclusion } from './conclusion.js';
import type { Answer, Question } from './question.js';
import type { RequestJobs } from './request-jobs.js';
import { verifyRecord } from './verify-record.js';

export interface RequestDeskPorts {
  readonly process: LaneProcess;
  readonly store: EngineStore;
  readonly recordLog: RecordLog;
  readonly jobs: RequestJobs;
  /** The shard at this epoch; null when it is not ours any more. */
  shardAt(shard: number, epoch: number | null): OwnedShard | null;
  /** The shard of a tenant, if it is ours. */
  shardOf(tenantId: string): OwnedShard | null;
}

/**
 * Takes operators' requests in and answers them. What changes something is durable before its offset is committed; what
 * only asks is answered from what is known.
 */
export class RequestDesk {
  constructor(private readonly ports: RequestDeskPorts) {}

  async take(batch: ReceivedBatch<SyncRequestValue>): Promise<void> {
    const shard = this.ports.shardAt(batch.partition, batch.epoch);
    if (shard === null) throw new RetryLater('the shard is not loaded');
    try {
      for (const { value } of batch.messages) if (value !== null) await this.takeOne(shard, value);
    } catch (error) {
      if (this.ports.store.isTransient(error))
        throw new RetryLater('the database is away', undefined, { cause: error });
      throw error;
    }
  }

  /** A record that somebody waits for was read. */
  async concluded({ tenantId, resource, recordId, asked, outcome, since, detail }: Conclusion): Promise<void> {
    const { store, process } = this.ports;
    try {
      const shard = this.ports.shardOf(tenantId);
      const record = await lookUp(store, process.connector, shard, { tenantId, resource, recordId });
      const instant = since === null ? null : new Date(since).toISOString();
      const question = { requestId: asked.requestId, tenantId, kind: asked.kind };
      this.reply(question, { status: 'done', outcome, since: instant, detail, record });
    } catch (error) {
      process.log.warn({ tenantId, err: error }, 'a question could not be answered: whoever waits will ask again');
    }
  }

  /** In the background: whoever waits gives up at their deadline, so an answer that is lost costs a second question. */
  reply(question: Pick<SyncRequestValue, 'requestId' | 'tenantId' | 'kind'>, answer: Answer): void {
    const { recordLog, process } = this.ports;
    const { requestId, tenantId, kind } = question;
    const none = { code: null, outcome: null, since: null, detail: null, record: null, progress: null };
    const at = new Date(process.now()).toISOString();
    const value: SyncReplyValue = { requestId, tenantId, kind, ...none, ...answer, at };
    recordLog
      .sendAccount(controlMessage(recordLog.partitions, 'sync-reply.v1', tenantId, tenantId, value))
      .catch((error: unknown) => process.log.warn({ tenantId, kind, err: error }, 'an answer could not be sent'));
  }

  private async takeOne(shard: OwnedShard, request: SyncRequestValue): Promise<void> {
    const { process } = this.ports;
    const { connector } = process;
    const isLate = request.deadline !== null && Date.parse(request.deadline) <= process.now();
    if (isLate || vendorOf(request.tenantId) !== connector.vendor) return;
    const tenant = shard.memory.tenants.get(request.tenantId);
    if (tenant === undefined || tenant.state === 'purged') {
      return this.reply(request, { status: 'refused', code: 'no-such-tenant', detail: 'the sync does not know it' });
    }
    const isEnabled = (name: string): boolean => connector.resources.some((spec) => spec.name === name);
    this.reply(request, await this.answer({ request, tenant, shard, isEnabled }));
  }

  private async answer(question: Question): Promise<Answer> {
    const { store, process, jobs } = this.ports;
    switch (question.request.kind) {
      case 'lookup':
        return lookUpAnswer(question, store, process);
      case 'verify':
        return verifyRecord(question, store, process);
      case 'resync':
      case 'replay':
      case 'compare':
      case 'check-permissions':
        return jobs.begin(question, question.request.kind);
      case 'release-deletions':
      case 'drop-deletions':
        return decideDeletions(question, process);
      default:
        return { status: 'refused', code: 'unknown-kind', detail: 'this version of the sync does not know it' };
    }
  }
}

async function lookUpAnswer(question: Question, store: EngineStore, process: LaneProcess): Promise<Answer> {
  const { request, shard } = question;
  const [recordId] = request.recordIds ?? [];
  if (request.resource === null || recordId === undefined) return { status: 'refused', code: 'invalid-request' };
  const ref = { tenantId: request.tenantId, resource: request.resource, recordId };
  return { status: 'done', record: await lookUp(store, process.connector, shard, ref) };
}
