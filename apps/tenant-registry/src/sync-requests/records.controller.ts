import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { answer, errorAnswers } from '../api-schemas.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import { noteOf } from '../operators/operator-note.js';
import { CurrentOperator, Needs, OperatorGuard } from '../operators/operator.guard.js';
import type { Operator } from '../operators/operator-tokens.js';
import { invalidRequest } from '../requests/invalid-request.js';
import { isStorableText } from '../persistence/storable-text.js';
import { OrderRequests } from './order-requests.js';
import { RecordQuestions, type RecordPlace, type RecordView, type VerifyView } from './record-questions.js';
import { MaybeReasonDto, RecordsDto, ResourceDto } from './sync-request.dto.js';

const LONGEST_ID = 200;

/** For "our data is missing": what is known of records, and what can be done about them. */
@ApiTags('records')
@ApiBearerAuth()
@errorAnswers(401, 403)
@UseGuards(OperatorGuard)
@Controller('tenants/:tenantId')
export class RecordsController {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly questions: RecordQuestions,
    private readonly orders: OrderRequests,
  ) {}

  @Get('records/:resource/:recordId')
  @Needs('viewer')
  @errorAnswers(400, 404, 409, 503, 504)
  @ApiOperation({ summary: 'Everything that the relay knows of one record. No call to the vendor' })
  @answer(200, 'What is known', 'record')
  lookUp(
    @Param('tenantId') tenantId: string,
    @Param('resource') resource: string,
    @Param('recordId') recordId: string,
    @CurrentOperator() operator: Operator,
  ): Promise<RecordView> {
    return this.questions.lookUp(placeOf(tenantId, resource, recordId), noteOf(operator, 'look-up', null));
  }

  @Post('records/:resource/:recordId/verify')
  @Needs('operator')
  @HttpCode(200)
  @errorAnswers(400, 404, 409, 503, 504)
  @ApiOperation({ summary: 'Reads one record at the vendor now, and publishes it if it differs' })
  @answer(200, 'What was found', 'verified')
  async verify(
    @Param('tenantId') tenantId: string,
    @Param('resource') resource: string,
    @Param('recordId') recordId: string,
    @Body() { reason }: MaybeReasonDto,
    @CurrentOperator() operator: Operator,
  ): Promise<VerifyView> {
    const place = placeOf(tenantId, resource, recordId);
    const note = noteOf(operator, 'verify', reason ?? null);
    const verified = await this.questions.verify(place, note);
    const detail = { resource, recordId, outcome: verified.outcome };
    await this.changes.run((set) => set.audit(note, { tenantId, detail }));
    return verified;
  }

  @Post('resync')
  @Needs('operator')
  @HttpCode(202)
  @errorAnswers(400, 404, 409, 503)
  @ApiOperation({
    summary: 'Reads records at the vendor again. Its progress stands in `detail.requests` of the tenant',
  })
  @answer(202, 'Ordered', 'ordered')
  resync(
    @Param('tenantId') tenantId: string,
    @Body() records: RecordsDto,
    @CurrentOperator() operator: Operator,
  ): Promise<{ requestId: string }> {
    return this.orders.order('resync', tenantId, records, noteOf(operator, 'resync', records.reason ?? null));
  }

  @Post('replay')
  @Needs('operator')
  @HttpCode(202)
  @errorAnswers(400, 404, 409, 503)
  @ApiOperation({ summary: 'Sends the present versions of records again, as they are: same version, same id' })
  @answer(202, 'Ordered', 'ordered')
  replay(
    @Param('tenantId') tenantId: string,
    @Body() records: RecordsDto,
    @CurrentOperator() operator: Operator,
  ): Promise<{ requestId: string }> {
    return this.orders.order('replay', tenantId, records, noteOf(operator, 'replay', records.reason ?? null));
  }

  @Post('compare')
  @Needs('operator')
  @HttpCode(202)
  @errorAnswers(400, 404, 409, 503)
  @ApiOperation({
    summary:
      'Compares a resource, or all, with the vendor now. The reports are on `completeness.v1`, its progress stands in `detail.requests` of the tenant',
  })
  @answer(202, 'Ordered', 'ordered')
  compare(
    @Param('tenantId') tenantId: string,
    @Body() { resource, reason }: ResourceDto,
    @CurrentOperator() operator: Operator,
  ): Promise<{ requestId: string }> {
    const meant = resource === undefined ? {} : { resource };
    return this.orders.order('compare', tenantId, meant, noteOf(operator, 'compare', reason ?? null));
  }

  @Post('check-permissions')
  @Needs('operator')
  @HttpCode(202)
  @errorAnswers(400, 404, 409, 503)
  @ApiOperation({
    summary:
      'Finds out now what the tenant permits, and looks at its webhooks. What was found stands in `access` and `webhooks` on `sync-status.v1`',
  })
  @answer(202, 'Ordered', 'ordered')
  checkPermissions(
    @Param('tenantId') tenantId: string,
    @Body() { reason }: MaybeReasonDto,
    @CurrentOperator() operator: Operator,
  ): Promise<{ requestId: string }> {
    return this.orders.order('check-permissions', tenantId, {}, noteOf(operator, 'check-permissions', reason ?? null));
  }
}

function placeOf(tenantId: string, resource: string, recordId: string): RecordPlace {
  for (const [member, text] of Object.entries({ resource, recordId })) {
    if (text.length > LONGEST_ID || !isStorableText(text)) {
      throw invalidRequest([{ member, problem: `must be text of 1 to ${LONGEST_ID} characters` }]);
    }
  }
  return { tenantId, resource, recordId };
}
