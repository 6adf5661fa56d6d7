import { Injectable } from '@nestjs/common';
import type { RecordFacts, SyncReplyValue, VerifyOutcome } from '@relay/contracts';
import { Problem } from '@relay/service-kit';
import type { Note } from '../changes/change-set.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import { syncStatusesOf } from '../persistence/sync-status-rows.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { findTenant } from '../persistence/tenant-rows.js';
import { noSuchTenant } from '../tenants/operate-tenant.js';
import { RequestSender, newRequest } from './request-sender.js';
import { SyncReplies } from './sync-replies.js';

/** As long as a caller waits for a sync. */
export const ANSWER_MS = 15_000;

export interface RecordPlace {
  readonly tenantId: string;
  readonly resource: string;
  readonly recordId: string;
}

/** What is known of one record. */
export type RecordView = { readonly tenantId: string } & RecordFacts;

export type VerifyView = {
  readonly outcome: VerifyOutcome;
  readonly since: string | null;
  readonly detail: string | null;
} & RecordView;

/** Asks the sync that serves a tenant about one record, and waits for the answer. */
@Injectable()
export class RecordQuestions {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly sender: RequestSender,
    private readonly replies: SyncReplies,
  ) {}

  async lookUp(place: RecordPlace, note: Note): Promise<RecordView> {
    const { record } = await this.ask('lookup', place, note);
    if (record === null || record.state === 'unknown') {
      throw new Problem(404, {
        code: 'no-such-record',
        detail: 'the relay has never met this record; POST …/verify asks the vendor for it',
      });
    }
    return { tenantId: place.tenantId, ...record };
  }

  async verify(place: RecordPlace, note: Note): Promise<VerifyView> {
    const { outcome, since, detail, record } = await this.ask('verify', place, note);
    if (outcome === null || record === null) throw unexpected();
    return { outcome, since, detail, tenantId: place.tenantId, ...record };
  }

  private async ask(kind: 'lookup' | 'verify', place: RecordPlace, note: Note): Promise<SyncReplyValue> {
    const { tenantId, resource } = place;
    const tenant = await this.changes.read((tx) => findTenant(tx, tenantId));
    if (tenant === null) throw noSuchTenant();
    const recordIds = [recordIdOf(place)];
    const request = newRequest({ tenantId, kind, resource, recordIds }, note, ANSWER_MS);
    const { waited, cancel } = this.replies.next(request.requestId, ANSWER_MS);
    try {
      await this.sender.send(request);
    } catch (error) {
      cancel();
      throw error;
    }
    const { reply, accepted } = await waited;
    if (reply === null) throw await this.noAnswer(tenant, place, accepted);
    if (reply.status === 'refused') throw refused(reply);
    return reply;
  }

  /** Says what is known although the sync has not answered, and what to do next. */
  private async noAnswer(tenant: TenantRecord, place: RecordPlace, accepted: SyncReplyValue | null): Promise<Problem> {
    const statuses = await this.changes.read((tx) => syncStatusesOf(tx, place.tenantId));
    const status = statuses.find(({ resource }) => resource === place.resource) ?? null;
    const { state, reason } = tenant.life;
    const standing = `the tenant is ${state}${reason === null ? '' : ` (${reason})`}`;
    const phase = status === null ? 'no status of the resource is known' : `the resource is ${status.phase}`;
    const next =
      accepted === null
        ? 'the sync has not taken the question: see its readiness and its log, then ask again'
        : 'the sync has taken the question and goes on with it: look the record up in a minute';
    return new Problem(504, {
      code: 'no-answer-in-time',
      detail: `no answer within ${ANSWER_MS / 1000} s; ${standing}, ${phase}; ${next}`,
      extra: {
        tenantState: state,
        tenantReason: reason,
        phase: status?.phase ?? null,
        phaseReason: status?.reason ?? null,
        statusAt: status?.updatedAt ?? null,
        record: accepted?.record ?? null,
      },
    });
  }
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids of EXACT's records are GUIDs in lower case, however somebody has written them down. */
export function recordIdOf({ tenantId, recordId }: RecordPlace): string {
  return tenantId.startsWith('exact:') && GUID.test(recordId) ? recordId.toLowerCase() : recordId;
}

function refused({ code, detail }: SyncReplyValue): Problem {
  return new Problem(409, {
    code: code ?? 'refused',
    detail: `the sync does not answer: ${detail ?? code ?? 'it gives no reason'}`,
  });
}

function unexpected(): Problem {
  return new Problem(502, { code: 'unexpected-answer', detail: 'the answer of the sync cannot be understood' });
}
