import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { readHookupMessage, hookupValueOf, type AcceptedHookup, type HookupUrlRules } from '@relay/contracts';
import { HostAllowList } from '@relay/http-client';
import { SealingKeys } from '@relay/sealing';
import { CONFIG, Log, Problem } from '@relay/service-kit';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.js';
import { bodyBytes } from '../door/early-check.js';
import { DoorCounts } from '../door/door-counts.js';
import { notDurable } from '../door/door-problems.js';
import { DurableIntake } from '../intake/durable-intake.js';
import { invalidRegistration } from './invalid-registration.js';
import { HOOKUP_ROUTE } from './hookup-door.js';

/**
 * Takes registrations in. The client secret is sealed before anything else is done with it, to a key whose private half
 * this service does not have. No call is made to an address that a registration names.
 */
@Controller()
export class HookupController {
  private readonly sealing: SealingKeys;
  private readonly rules: HookupUrlRules;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(DurableIntake) private readonly intake: DurableIntake,
    @Inject(Log) private readonly log: Log,
    @Inject(DoorCounts) private readonly counts: DoorCounts,
  ) {
    this.sealing = SealingKeys.parse(config.credentialPublicJwks);
    const allowed = HostAllowList.parse(config.provetAllowedHosts);
    this.rules = { allowHttp: config.provetAllowHttp, hostAllowed: (host) => allowed.allows(host) };
  }

  @Post(HOOKUP_ROUTE)
  @HttpCode(200)
  async register(@Req() request: FastifyRequest): Promise<{ tenantId: string }> {
    const receivedAt = new Date();
    const hookup = this.read(bodyBytes(request));
    const sealed = await this.seal(hookup);
    const { tenantId, credentialId } = hookup;
    const value = hookupValueOf(hookup, sealed, 'hookup', receivedAt);
    const outcome = await this.intake.take('hookup.v1', tenantId, credentialId, value);
    if (outcome === 'unavailable') throw this.counts.refused('hookup', notDurable());
    this.counts.accepted('hookup');
    this.log.info({ tenantId, credentialId, grant: hookup.grant }, 'registration taken in');
    return { tenantId };
  }

  private read(body: Buffer): AcceptedHookup {
    let message: unknown;
    try {
      message = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
    } catch {
      throw this.counts.refused('hookup', new Problem(400, { code: 'not-json', detail: 'the body is not JSON' }));
    }
    const verdict = readHookupMessage(message, this.rules);
    if (verdict.kind === 'accepted') return verdict.hookup;
    this.log.warn({ kind: verdict.kind, members: verdict.errors.map(({ member }) => member) }, 'registration refused');
    throw this.counts.refused('hookup', invalidRegistration(verdict));
  }

  private seal(hookup: AcceptedHookup): Promise<string> | null {
    if (hookup.clientSecret === null) return null;
    const { tenantId, credentialId, host } = hookup;
    return this.sealing.seal(hookup.clientSecret, { topic: 'hookup.v1', tenantId, credentialId, host });
  }
}
