import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { parseTenantId, webhookSigningKey } from '@relay/contracts';
import { CONFIG, Problem } from '@relay/service-kit';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { RegistryConfig } from '../config.js';
import { noteOf } from '../operators/operator-note.js';
import { CurrentOperator, Needs, OperatorGuard } from '../operators/operator.guard.js';
import type { Operator } from '../operators/operator-tokens.js';
import { findTenant, listTenants } from '../persistence/tenant-rows.js';
import { OperatorRegistration } from '../registrations/register-by-operator.js';
import { readCursor, writeCursor } from '../requests/cursor.js';
import { ReasonDto } from '../requests/reason.dto.js';
import { REGISTRATION_SCHEMA, answer, errorAnswers } from '../api-schemas.js';
import { consentLinkOf, inviteToConsent, newInvite, type ConsentLinkView } from './consent-link.js';
import { editTenant, noSuchTenant, operateTenant, type Operation } from './operate-tenant.js';
import { ConsentLinkDto, DEFAULT_LIMIT, TenantEditDto, TenantListDto } from './tenant-requests.dto.js';
import { detailOf, viewOf, type TenantDetailView, type TenantView } from './tenant-view.js';
import { webhookUrlsOf, type WebhookUrlView } from './webhook-urls.js';

interface StatusReply {
  status(code: number): unknown;
}

@ApiTags('tenants')
@ApiBearerAuth()
@errorAnswers(401, 403)
@UseGuards(OperatorGuard)
@Controller('tenants')
export class TenantsController {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly registration: OperatorRegistration,
    @Inject(CONFIG) private readonly config: RegistryConfig,
  ) {}

  @Get()
  @Needs('viewer')
  @errorAnswers(400)
  @ApiOperation({ summary: 'Tenants in order of their ids, a page at a time' })
  @answer(200, 'A page', 'tenantPage')
  async list(@Query() query: TenantListDto): Promise<{ items: TenantView[]; nextCursor: string | null }> {
    const [after] = query.cursor === undefined ? [] : readCursor(query.cursor, 1);
    const { state, vendor, limit = DEFAULT_LIMIT } = query;
    const text = query.q === '' ? undefined : query.q;
    const found = await this.changes.read((tx) => listTenants(tx, { state, vendor, text, after, limit }));
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last !== undefined ? writeCursor([last.tenantId]) : null;
    return { items: items.map(viewOf), nextCursor };
  }

  @Post()
  @Needs('admin')
  @errorAnswers(400, 503)
  @ApiOperation({ summary: 'Registers a Provet tenant: the hookup object, as it comes by e-mail, or its short form' })
  @ApiBody({ schema: REGISTRATION_SCHEMA })
  @answer(201, 'Registered', 'tenant')
  @answer(200, 'The tenant was known already; its new credential is tried', 'tenant')
  async register(
    @Body() body: unknown,
    @CurrentOperator() operator: Operator,
    @Res({ passthrough: true }) reply: StatusReply,
  ): Promise<TenantView> {
    const { isNew, record } = await this.registration.register(body, noteOf(operator, 'register', null));
    reply.status(isNew ? 201 : 200);
    return viewOf(record);
  }

  @Get(':tenantId')
  @Needs('viewer')
  @errorAnswers(404)
  @ApiOperation({ summary: 'A tenant with everything that explains its state' })
  @answer(200, 'The tenant', 'tenantDetail')
  async get(@Param('tenantId') tenantId: string): Promise<TenantDetailView> {
    return this.changes.read(async (tx) => {
      const record = await findTenant(tx, tenantId);
      if (record === null) throw noSuchTenant();
      return detailOf(tx, record);
    });
  }

  @Patch(':tenantId')
  @Needs('admin')
  @errorAnswers(400, 404)
  @ApiOperation({ summary: "Changes the integrator's own id, name and labels of a tenant" })
  @answer(200, 'Changed', 'tenant')
  async edit(
    @Param('tenantId') tenantId: string,
    @Body() { reason, ...edit }: TenantEditDto,
    @CurrentOperator() operator: Operator,
  ): Promise<TenantView> {
    const note = noteOf(operator, 'edit', reason ?? null);
    return viewOf(await this.changes.run((set) => editTenant(set, tenantId, edit, note)));
  }

  @Post(':tenantId/suspend')
  @Needs('operator')
  @HttpCode(202)
  @errorAnswers(400, 404, 409)
  @ApiOperation({ summary: 'Stops all calls to the tenant' })
  @answer(202, 'Suspended', 'tenant')
  suspend(
    @Param('tenantId') tenantId: string,
    @Body() { reason }: ReasonDto,
    @CurrentOperator() operator: Operator,
  ): Promise<TenantView> {
    return this.operate(tenantId, 'suspend', operator, reason);
  }

  @Post(':tenantId/resume')
  @Needs('operator')
  @HttpCode(202)
  @errorAnswers(400, 404, 409)
  @ApiOperation({ summary: 'Ends a suspension' })
  @answer(202, 'Resumed', 'tenant')
  resume(
    @Param('tenantId') tenantId: string,
    @Body() { reason }: ReasonDto,
    @CurrentOperator() operator: Operator,
  ): Promise<TenantView> {
    return this.operate(tenantId, 'resume', operator, reason);
  }

  @Post(':tenantId/withdraw')
  @Needs('admin')
  @HttpCode(202)
  @errorAnswers(400, 404, 409)
  @ApiOperation({ summary: 'Ends the work with a tenant; its secrets are destroyed' })
  @answer(202, 'Withdrawn', 'tenant')
  withdraw(
    @Param('tenantId') tenantId: string,
    @Body() { reason }: ReasonDto,
    @CurrentOperator() operator: Operator,
  ): Promise<TenantView> {
    return this.operate(tenantId, 'withdraw', operator, reason);
  }

  @Get(':tenantId/webhook-urls')
  @Needs('admin')
  @errorAnswers(404)
  @ApiOperation({ summary: 'Webhook addresses to enter at the vendor by hand' })
  @answer(200, 'One for each trigger', 'webhookUrls')
  async webhookUrls(
    @Param('tenantId') tenantId: string,
    @CurrentOperator() operator: Operator,
  ): Promise<{ items: WebhookUrlView[] }> {
    const record = await this.changes.read((tx) => findTenant(tx, tenantId));
    if (record === null) throw noSuchTenant();
    const ref = parseTenantId(tenantId);
    if (ref?.vendor !== 'provet') {
      throw new Problem(404, { code: 'no-webhooks', detail: 'this vendor has no webhooks' });
    }
    // Their keys are secrets: whom they were shown to is told before they are.
    const note = noteOf(operator, 'webhook-urls-shown', null);
    await this.changes.run((set) => set.audit(note, { tenantId, detail: null }));
    const signingKey = webhookSigningKey(this.config.webhookKeys[0] as string);
    return { items: webhookUrlsOf(this.config.publicUrl, signingKey, { ...ref, tenantId }) };
  }

  @Post(':tenantId/consent-link')
  @Needs('admin')
  @errorAnswers(400, 404, 409)
  @ApiOperation({ summary: 'A link for the practice: who follows it consents at the vendor. Works once, for 7 days' })
  @answer(201, 'Shown only now; send it to the practice', 'consentLink')
  async consentLink(
    @Param('tenantId') tenantId: string,
    @Body() { reason, replaceWorkingGrant = false }: ConsentLinkDto,
    @CurrentOperator() operator: Operator,
  ): Promise<ConsentLinkView> {
    const note = noteOf(operator, 'consent-link', reason);
    const { token, sha256 } = newInvite();
    const { expiresAt } = await this.changes.run((set) =>
      inviteToConsent(set, tenantId, { sha256, replaceWorkingGrant }, note),
    );
    return { url: consentLinkOf(this.config.publicUrl, tenantId, token), expiresAt };
  }

  private async operate(
    tenantId: string,
    operation: Operation,
    operator: Operator,
    reason: string,
  ): Promise<TenantView> {
    const note = noteOf(operator, operation, reason);
    return viewOf(await this.changes.run((set) => operateTenant(set, tenantId, operation, note)));
  }
}
