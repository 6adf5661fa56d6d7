import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { answer, errorAnswers } from '../api-schemas.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import { noteOf } from '../operators/operator-note.js';
import { CurrentOperator, Needs, OperatorGuard } from '../operators/operator.guard.js';
import type { Operator } from '../operators/operator-tokens.js';
import { findHold, openHolds, type HoldRecord } from '../persistence/hold-rows.js';
import { readCursor, writeCursor } from '../requests/cursor.js';
import { invalidRequest } from '../requests/invalid-request.js';
import { ReasonDto } from '../requests/reason.dto.js';
import { DEFAULT_LIMIT, PageDto } from '../tenants/tenant-requests.dto.js';
import { RegistrationApproval } from './approve-registration.js';
import { DeletionDecision } from './deletion-decision.js';
import { decideHold } from './decide-hold.js';

@ApiTags('holds')
@ApiBearerAuth()
@errorAnswers(401, 403)
@UseGuards(OperatorGuard)
@Controller('holds')
export class HoldsController {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly registrations: RegistrationApproval,
    private readonly deletions: DeletionDecision,
  ) {}

  @Get()
  @Needs('viewer')
  @errorAnswers(400)
  @ApiOperation({ summary: 'Open holds, oldest first: mass or risky changes that wait for a person' })
  @answer(200, 'A page', 'holdPage')
  async list(
    @Query() { cursor, limit = DEFAULT_LIMIT }: PageDto,
  ): Promise<{ items: HoldRecord[]; nextCursor: string | null }> {
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const found = await this.changes.read((tx) => openHolds(tx, { after, limit }));
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last !== undefined ? writeCursor([last.raisedAt, last.holdId]) : null;
    return { items, nextCursor };
  }

  @Post(':holdId/approve')
  @Needs('admin')
  @HttpCode(202)
  @errorAnswers(400, 404, 409, 503)
  @ApiOperation({ summary: 'Lets what the hold has stopped take place' })
  @answer(202, 'Approved', 'hold')
  async approve(
    @Param('holdId') holdId: string,
    @Body() { reason }: ReasonDto,
    @CurrentOperator() operator: Operator,
  ): Promise<HoldRecord> {
    const note = noteOf(operator, 'approve-hold', reason);
    const hold = await this.changes.read((tx) => findHold(tx, holdId));
    if (hold?.kind === 'host-not-allowed') return this.registrations.approve(hold, note);
    if (hold?.kind === 'deletions') return this.deletions.decide(hold, 'approved', note);
    return this.changes.run((set) => decideHold(set, holdId, 'approved', note));
  }

  @Post(':holdId/reject')
  @Needs('admin')
  @HttpCode(202)
  @errorAnswers(400, 404, 409, 503)
  @ApiOperation({ summary: 'Drops what the hold has stopped' })
  @answer(202, 'Rejected', 'hold')
  async reject(
    @Param('holdId') holdId: string,
    @Body() { reason }: ReasonDto,
    @CurrentOperator() operator: Operator,
  ): Promise<HoldRecord> {
    const note = noteOf(operator, 'reject-hold', reason);
    const hold = await this.changes.read((tx) => findHold(tx, holdId));
    if (hold?.kind === 'deletions') return this.deletions.decide(hold, 'rejected', note);
    return this.changes.run((set) => decideHold(set, holdId, 'rejected', note));
  }
}

function placeOf(cursor: string): { raisedAt: string; holdId: string } {
  const [raisedAt, holdId] = readCursor(cursor, 2) as [string, string];
  if (Number.isNaN(Date.parse(raisedAt))) {
    throw invalidRequest([{ member: 'cursor', problem: 'is not a cursor of this list' }]);
  }
  return { raisedAt, holdId };
}
