import { Controller, Get, Header, Query, Req } from '@nestjs/common';
import { SessionGate, type SessionRequest } from '../sessions/session-gate.js';
import { holdSummary, type HoldSummary } from './hold-summary.js';
import { RegistryClient } from './registry-client.js';
import { problemOfAnswer } from './registry-problem.js';
import { registryQuery } from './tenants-query.js';

@Controller('api/holds')
export class HoldsController {
  constructor(
    private readonly gate: SessionGate,
    private readonly registry: RegistryClient,
  ) {}

  /** What waits for a person, oldest first. Deciding is the registry's API, for administrators. */
  @Get()
  @Header('cache-control', 'no-store')
  async list(
    @Req() request: SessionRequest,
    @Query() query: Record<string, unknown>,
  ): Promise<{ readonly items: readonly HoldSummary[]; readonly nextCursor: string | null }> {
    const session = this.gate.enter(request);
    const answer = await this.registry.holds(session.token, registryQuery(query, ['limit', 'cursor']));
    if (answer.kind === 'unauthorized') this.gate.end(request);
    if (answer.kind !== 'ok') throw problemOfAnswer(answer);
    return { items: answer.page.items.map(holdSummary), nextCursor: answer.page.nextCursor };
  }
}
