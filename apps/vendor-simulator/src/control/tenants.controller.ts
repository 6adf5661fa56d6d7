import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { HookupMessage, ResourceName, ProvetTenant } from '@relay/vendor-twins';
import type { HookupAnswer } from '../behaviour/hookup-sender.js';
import { CONTROLLED, type Controlled } from './controlled.js';
import { tenantOf } from './find.js';
import { JsonBody } from './json-body.pipe.js';
import {
  credentialBody,
  dropBody,
  hookupBody,
  ratesBody,
  revokeBody,
  switchesBody,
  tenantBody,
  type HookupBody,
  type RatesBody,
  type SwitchesBody,
  type TenantBody,
} from './schemas.js';

/** Provet's tenants: their registration, credentials, webhooks and moods. */
@Controller('_control/provet')
export class TenantsController {
  constructor(@Inject(CONTROLLED) private readonly controlled: Controlled) {}

  @Get('tenants')
  list(): object[] {
    return [...this.controlled.provet.tenants.values()].map(summary);
  }

  @Post('tenants')
  add(@Body(new JsonBody(tenantBody)) body: TenantBody): object {
    const tenant = this.controlled.provet.addTenant(body);
    return { ...summary(tenant), hookup: this.controlled.provet.hookup(tenant.id) };
  }

  @Get('tenants/:tenant')
  show(@Param('tenant') id: string): object {
    const tenant = tenantOf(this.controlled.provet, id);
    const { forbidden, ignoredFilters, ...switches } = tenant.switches;
    return {
      ...summary(tenant),
      hooks: [...tenant.hooks.values()],
      switches: { ...switches, forbidden: [...forbidden], ignoredFilters: [...ignoredFilters] },
    };
  }

  @Get('tenants/:tenant/hookup')
  hookup(@Param('tenant') id: string, @Query('spelling') spelling?: string): HookupMessage {
    const { provet } = this.controlled;
    return provet.hookup(tenantOf(provet, id).id, {}, spelling === 'hyphen' ? 'hyphen' : 'underscore');
  }

  @Post('tenants/:tenant/hookup')
  @HttpCode(200)
  sendHookup(@Param('tenant') id: string, @Body(new JsonBody(hookupBody)) body: HookupBody): Promise<HookupAnswer> {
    const { url, ...options } = body;
    return this.controlled.hookups.send(tenantOf(this.controlled.provet, id).id, url, options);
  }

  @Put('tenants/:tenant/credentials/:client')
  setCredential(
    @Param('tenant') id: string,
    @Param('client') clientId: string,
    @Body(new JsonBody(credentialBody)) body: { secret: string },
  ): object {
    const tenant = tenantOf(this.controlled.provet, id);
    tenant.setCredential(clientId, body.secret);
    return summary(tenant);
  }

  @Post('tenants/:tenant/revoke-tokens')
  @HttpCode(200)
  revoke(@Param('tenant') id: string, @Body(new JsonBody(revokeBody)) body: { clientId?: string | undefined }): object {
    return { revoked: tenantOf(this.controlled.provet, id).revokeTokens(body.clientId) };
  }

  @Patch('tenants/:tenant/switches')
  switch(@Param('tenant') id: string, @Body(new JsonBody(switchesBody)) body: SwitchesBody): object {
    const tenant = tenantOf(this.controlled.provet, id);
    const { forbid, allow, ignoredFilters, tokenSeconds, webhooks, listForm, ...plain } = body;
    Object.assign(tenant.switches, plain);
    for (const what of forbid ?? []) tenant.forbid(what);
    for (const what of allow ?? []) tenant.forbid(what, false);
    if (ignoredFilters !== undefined) tenant.switches.ignoredFilters = new Set(ignoredFilters);
    if (tokenSeconds !== undefined) tenant.tokenSeconds = tokenSeconds;
    Object.assign(tenant.switches.listForm, listForm);
    if (webhooks !== undefined) tenant.switches.webhooks = { ...tenant.switches.webhooks, ...given(webhooks) };
    return this.show(id);
  }

  @Post('tenants/:tenant/drop-next')
  @HttpCode(204)
  dropNext(
    @Param('tenant') id: string,
    @Body(new JsonBody(dropBody))
    body: { resource: ResourceName; recordId?: number | undefined; times?: number | undefined },
  ): void {
    const { provet } = this.controlled;
    provet.dropNext(tenantOf(provet, id).id, body.resource, body.recordId, body.times);
  }

  @Put('webhooks')
  rates(@Body(new JsonBody(ratesBody)) body: RatesBody): object {
    const { provet } = this.controlled;
    const { jsonIds, retryPausesMs, ...rates } = body;
    provet.setWebhookRates(given(rates));
    if (jsonIds !== undefined) provet.setJsonIds(jsonIds);
    if (retryPausesMs !== undefined) provet.deliveries.retryPausesMs = retryPausesMs;
    return provet.webhookRates;
  }
}

function summary(tenant: ProvetTenant): object {
  return {
    id: tenant.id,
    name: tenant.name,
    clients: [...tenant.credentials.keys()],
    tokensIssued: tenant.tokensIssued,
    tokensGood: tenant.tokens.size,
    hookCount: tenant.hooks.size,
    records: tenant.context.counts,
  };
}

/** The members that were given, for spreading over what stands. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
