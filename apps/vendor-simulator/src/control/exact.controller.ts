import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Put } from '@nestjs/common';
import type { ExactPractice } from '@relay/vendor-twins';
import { CONTROLLED, type Controlled } from './controlled.js';
import { found, practiceOf } from './find.js';
import { JsonBody } from './json-body.pipe.js';
import {
  clientBody,
  clientScopesBody,
  exactBody,
  practiceBody,
  practiceStateBody,
  type ClientBody,
  type ClientScopesBody,
  type ExactBody,
  type PracticeBody,
  type PracticeStateBody,
} from './schemas.js';

/** EXACT's cloud and its practices. */
@Controller('_control/exact')
export class ExactController {
  constructor(@Inject(CONTROLLED) private readonly controlled: Controlled) {}

  @Patch()
  set(@Body(new JsonBody(exactBody)) body: ExactBody): object {
    const { exact } = this.controlled;
    const { hideOnce, ...gateway } = body.gateway ?? {};
    Object.assign(exact.gateway, gateway);
    for (const id of hideOnce ?? []) exact.gateway.hideOnce.add(id);
    Object.assign(exact.pages, body.pages);
    if (body.tokenSeconds !== undefined) exact.tokens.tokenSeconds = body.tokenSeconds;
    if (body.tokenPath !== undefined) exact.tokens.path = body.tokenPath;
    return {
      gateway: { ...exact.gateway, hideOnce: [...exact.gateway.hideOnce] },
      pages: exact.pages,
      tokenSeconds: exact.tokens.tokenSeconds,
      tokenPath: exact.tokens.path,
    };
  }

  /** Accepts a client, or gives one a new secret and other scopes. */
  @Put('clients/:client')
  setClient(@Param('client') id: string, @Body(new JsonBody(clientBody)) body: ClientBody): object {
    const { scopes } = this.controlled.exact.addClient({
      id,
      secret: body.secret,
      ...(body.scopes ? { scopes: body.scopes } : {}),
    });
    return { id, scopes };
  }

  /** Grants a client other scopes, as the vendor does on request. Tokens that are out keep the ones they have. */
  @Patch('clients/:client')
  grant(@Param('client') id: string, @Body(new JsonBody(clientScopesBody)) body: ClientScopesBody): object {
    const client = found(this.controlled.exact.tokens.clients.get(id));
    client.scopes = body.scopes;
    return { id, scopes: client.scopes };
  }

  @Post('revoke-tokens')
  @HttpCode(200)
  revoke(): object {
    return { revoked: this.controlled.exact.tokens.revokeAll() };
  }

  @Get('practices')
  list(): object[] {
    return [...this.controlled.exact.practices.values()].map(summary);
  }

  @Post('practices')
  add(@Body(new JsonBody(practiceBody)) body: PracticeBody): object {
    return summary(this.controlled.exact.addPractice(body));
  }

  @Get('practices/:practice')
  show(@Param('practice') id: string): object {
    return summary(practiceOf(this.controlled.exact, id));
  }

  @Patch('practices/:practice')
  change(@Param('practice') id: string, @Body(new JsonBody(practiceStateBody)) body: PracticeStateBody): object {
    const practice = practiceOf(this.controlled.exact, id);
    const { subscribed, version, faultyRecords, conflicts, ...state } = body;
    if (subscribed !== undefined) practice.subscribed = subscribed;
    if (version !== undefined) practice.setVersion(version, Date.now());
    if (faultyRecords !== undefined) practice.state.faultyRecords = lowerCase(faultyRecords);
    if (conflicts !== undefined) practice.state.conflicts = lowerCase(conflicts);
    Object.assign(practice.state, state);
    return summary(practice);
  }
}

function lowerCase(guids: readonly string[]): Set<string> {
  return new Set(guids.map((guid) => guid.toLowerCase()));
}

function summary(practice: ExactPractice): object {
  const { faultyRecords, conflicts, ...state } = practice.state;
  return {
    id: practice.id,
    name: practice.name,
    version: practice.version,
    subscribed: practice.subscribed,
    records: practice.context.counts,
    state: { ...state, faultyRecords: [...faultyRecords], conflicts: [...conflicts] },
  };
}
