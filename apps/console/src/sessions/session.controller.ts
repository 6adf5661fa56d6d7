import { Body, Controller, Delete, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { Problem } from '@relay/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RegistryClient } from '../tenants/registry-client.js';
import { problemOfAnswer } from '../tenants/registry-problem.js';
import { requireSameOrigin } from './same-origin.js';
import { endedCookie, sessionCookie } from './session-cookie.js';
import { SessionGate } from './session-gate.js';
import { Sessions } from './sessions.js';

/** Whatever could stand in a header; the registry says whether it is a token. */
const TOKEN = /^[\x21-\x7e]{1,512}$/;

@Controller('api/session')
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly gate: SessionGate,
    private readonly registry: RegistryClient,
  ) {}

  /** Whether the browser has a session. Says nothing else. */
  @Get()
  @Header('cache-control', 'no-store')
  look(@Req() request: FastifyRequest): { signedIn: boolean } {
    return { signedIn: this.gate.find(request) !== null };
  }

  /** Signs in: the registry must accept the token, which then stays here. */
  @Post()
  @HttpCode(204)
  @Header('cache-control', 'no-store')
  async open(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    requireSameOrigin(request);
    const answer = await this.registry.tenants(tokenOf(body), new URLSearchParams({ limit: '1' }));
    if (answer.kind !== 'ok') throw problemOfAnswer(answer);
    // A session that was open before ends: its cookie is overwritten.
    this.gate.end(request);
    const id = this.sessions.open(tokenOf(body), Date.now());
    void reply.header('set-cookie', sessionCookie(id, request.protocol === 'https'));
  }

  @Delete()
  @HttpCode(204)
  close(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
    requireSameOrigin(request);
    this.gate.end(request);
    void reply.header('set-cookie', endedCookie(request.protocol === 'https'));
  }
}

function tokenOf(body: unknown): string {
  const token: unknown = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (typeof token === 'string' && TOKEN.test(token)) return token;
  throw new Problem(401, { code: 'unauthorized', detail: 'sign in with a valid operator token' });
}
