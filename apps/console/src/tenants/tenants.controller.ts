import { Controller, Get, Header, Query, Req } from '@nestjs/common';
import { LiveTables, type Totals } from '../live/live-tables.js';
import { SessionGate, type SessionRequest } from '../sessions/session-gate.js';
import { RegistryClient } from './registry-client.js';
import { problemOfAnswer } from './registry-problem.js';
import { summaryOf, type TenantSummary } from './tenant-summary.js';
import { registryQuery } from './tenants-query.js';

interface TenantPage {
  readonly items: readonly TenantSummary[];
  readonly nextCursor: string | null;
  /** Over all tenants, not only those of this page. */
  readonly totals: Totals;
  readonly now: string;
}

@Controller('api/tenants')
export class TenantsController {
  constructor(
    private readonly gate: SessionGate,
    private readonly registry: RegistryClient,
    private readonly tables: LiveTables,
  ) {}

  /** The registry's list, joined with how each practice's data stand at this moment. */
  @Get()
  @Header('cache-control', 'no-store')
  async list(@Req() request: SessionRequest, @Query() query: Record<string, unknown>): Promise<TenantPage> {
    const session = this.gate.enter(request);
    const answer = await this.registry.tenants(session.token, registryQuery(query));
    if (answer.kind === 'unauthorized') this.gate.end(request);
    if (answer.kind !== 'ok') throw problemOfAnswer(answer);
    const { items, nextCursor } = answer.page;
    const now = Date.now();
    return {
      items: items.map((tenant) =>
        summaryOf(
          tenant,
          this.tables.statusesOf(tenant.tenantId),
          (tenantId, resource) => this.tables.completenessOf(tenantId, resource),
          now,
        ),
      ),
      nextCursor,
      totals: this.tables.totals(),
      now: new Date(now).toISOString(),
    };
  }
}
