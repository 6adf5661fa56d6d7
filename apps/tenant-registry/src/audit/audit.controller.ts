import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AuditValue } from '@relay/contracts';
import { answer, errorAnswers } from '../api-schemas.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import { Needs, OperatorGuard } from '../operators/operator.guard.js';
import { AuditLog, type AuditPlace } from '../persistence/audit-log.js';
import type { AuditRecord } from '../persistence/audit-record.js';
import { readCursor, writeCursor } from '../requests/cursor.js';
import { invalidRequest } from '../requests/invalid-request.js';
import { DEFAULT_LIMIT } from '../tenants/tenant-requests.dto.js';
import { AuditListDto } from './audit-requests.dto.js';

@ApiTags('audit')
@ApiBearerAuth()
@errorAnswers(401, 403)
@UseGuards(OperatorGuard)
@Controller('audit')
export class AuditController {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Needs('viewer')
  @errorAnswers(400)
  @ApiOperation({ summary: 'Who did what and why, newest first: operators, people who consented, the services' })
  @answer(200, 'A page', 'auditPage')
  async list(@Query() query: AuditListDto): Promise<{ items: AuditValue[]; nextCursor: string | null }> {
    const { cursor, limit = DEFAULT_LIMIT, from, to, ...same } = query;
    const range = { from: instantOf(from), to: instantOf(to) };
    if (range.from !== undefined && range.to !== undefined && range.from >= range.to) {
      throw invalidRequest([{ member: 'to', problem: 'must lie after from' }]);
    }
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const found = await this.changes.read(() => this.audit.page({ ...same, ...range, after, limit }));
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor =
      found.length > limit && last !== undefined
        ? writeCursor([last.at.toISOString(), String(last.partition), last.offset])
        : null;
    return { items: items.map(viewOf), nextCursor };
  }
}

function viewOf({ at, actor, action, tenantId, reason, detail, entryId }: AuditRecord): AuditValue {
  const value = { at: at.toISOString(), actor, action, tenantId, reason, detail };
  return entryId === null ? value : { ...value, entryId };
}

function instantOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : new Date(text).toISOString();
}

function placeOf(cursor: string): AuditPlace {
  const [at, partition, offset] = readCursor(cursor, 3) as [string, string, string];
  const isPlace = !Number.isNaN(Date.parse(at)) && /^\d{1,9}$/.test(partition) && /^\d{1,18}$/.test(offset);
  if (!isPlace) throw invalidRequest([{ member: 'cursor', problem: 'is not a cursor of this list' }]);
  return { at: new Date(at).toISOString(), partition: Number(partition), offset };
}
