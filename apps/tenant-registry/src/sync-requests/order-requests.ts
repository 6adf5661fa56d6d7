import { Injectable } from '@nestjs/common';
import type { LastingRequestKind } from '@relay/contracts';
import { Problem } from '@relay/service-kit';
import type { Note } from '../changes/change-set.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import { forgetRequest, keepRequest } from '../persistence/sync-request-rows.js';
import { syncStatusesOf } from '../persistence/sync-status-rows.js';
import { findTenant } from '../persistence/tenant-rows.js';
import { invalidRequest } from '../requests/invalid-request.js';
import { noSuchTenant } from '../tenants/operate-tenant.js';
import { recordIdOf } from './record-questions.js';
import { RequestSender, newRequest } from './request-sender.js';
import type { RecordsDto } from './sync-request.dto.js';

/** Orders what a sync is to do for a while. */
@Injectable()
export class OrderRequests {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly sender: RequestSender,
  ) {}

  async order(
    kind: LastingRequestKind,
    tenantId: string,
    records: RecordsDto,
    note: Note,
  ): Promise<{ requestId: string }> {
    demandSense(records);
    const { resource, recordIds, from, to } = records;
    const request = newRequest(
      {
        tenantId,
        kind,
        resource: resource ?? null,
        recordIds: recordIds?.map((recordId) => recordIdOf({ tenantId, resource: resource ?? '', recordId })) ?? null,
        from: instantOf(from),
        to: instantOf(to),
      },
      note,
    );
    // Kept first: the answer may come before the sending is confirmed.
    await this.changes.run(async (set) => {
      const tenant = await findTenant(set.tx, tenantId);
      if (tenant === null) throw noSuchTenant();
      if (tenant.life.state === 'withdrawn' || tenant.life.state === 'purged') {
        throw new Problem(409, { code: 'tenant-not-served', detail: `the tenant is ${tenant.life.state}` });
      }
      if (resource !== undefined) demandKnown(resource, await syncStatusesOf(set.tx, tenantId));
      await keepRequest(set.tx, request);
      const detail = { requestId: request.requestId, resource: resource ?? null, from: request.from, to: request.to };
      await set.audit(note, { tenantId, detail: { ...detail, records: recordIds?.length ?? null } });
    });
    try {
      await this.sender.send(request);
    } catch (error) {
      await this.changes.run((set) => forgetRequest(set.tx, request.requestId));
      throw error;
    }
    return { requestId: request.requestId };
  }
}

const instantOf = (text: string | undefined): string | null =>
  text === undefined ? null : new Date(text).toISOString();

function demandSense({ resource, recordIds, from, to }: RecordsDto): void {
  if (recordIds !== undefined && resource === undefined) {
    throw invalidRequest([{ member: 'resource', problem: 'must be given where recordIds are' }]);
  }
  if (recordIds !== undefined && (from !== undefined || to !== undefined)) {
    throw invalidRequest([{ member: 'recordIds', problem: 'cannot be given together with from or to' }]);
  }
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
    throw invalidRequest([{ member: 'from', problem: 'must be before to' }]);
  }
}

/** Which resources are enabled is known from what the sync says of the tenant. */
function demandKnown(resource: string, statuses: readonly { readonly resource: string }[]): void {
  const known = statuses.map((status) => status.resource);
  if (known.length === 0 || known.includes(resource)) return;
  const names = known.join(', ');
  throw invalidRequest([{ member: 'resource', problem: `must be one that is enabled: ${names}` }]);
}
