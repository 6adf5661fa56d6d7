import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SessionGate, type SessionRequest } from '../sessions/session-gate.js';
import { RegistryClient } from '../tenants/registry-client.js';
import { EventStreams } from './event-streams.js';

@Controller('api/events')
export class EventsController {
  constructor(
    private readonly gate: SessionGate,
    private readonly registry: RegistryClient,
    private readonly streams: EventStreams,
  ) {}

  /** Live changes for as long as the session lasts and the registry accepts its token. */
  @Get()
  follow(@Req() request: SessionRequest, @Res() reply: FastifyReply): void {
    this.gate.enter(request);
    this.streams.start(reply, () => this.mayGoOn(request));
  }

  private async mayGoOn(request: SessionRequest): Promise<boolean> {
    const session = this.gate.find(request);
    if (session === null) return false;
    const answer = await this.registry.tenants(session.token, new URLSearchParams({ limit: '1' }));
    // A registry that is away says nothing about the token.
    return answer.kind !== 'unauthorized' && answer.kind !== 'forbidden';
  }
}
