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
import type { IntakeOutcome } from '../intake/durable-intake.js';
import { RegistrationIntake } from '../intake/registration-intake.js';
import type { SpilledTopic } from '../persistence/spill-rows.js';
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
    @Inject(RegistrationIntake) private readonly intake: RegistrationIntake,
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
    const message = this.parse(bodyBytes(request));
    const verdict = readHookupMessage(message, this.rules);
    if (verdict.kind !== 'accepted') {
      const members = verdict.errors.map(({ member }) => member);
      this.log.warn({ kind: verdict.kind, members }, 'registration refused');
      if (verdict.kind === 'forbidden-host') await this.keep(message, receivedAt);
      throw this.counts.refused('hookup', invalidRegistration(verdict));
    }
    const { tenantId, credentialId, grant } = verdict.hookup;
    const outcome = await this.take('hookup.v1', verdict.hookup, receivedAt);
    if (outcome === 'unavailable') throw this.counts.refused('hookup', notDurable());
    this.counts.accepted('hookup');
    this.log.info({ tenantId, credentialId, grant }, 'registration taken in');
    return { tenantId };
  }

  /**
   * Keeps a registration that only its host stands against, for an operator to decide: a new region of the vendor must
   * lose none. One whose addresses name several hosts would be refused whatever is allowed, and is not kept.
   */
  private async keep(message: unknown, receivedAt: Date): Promise<void> {
    const verdict = readHookupMessage(message, { ...this.rules, hostAllowed: () => true });
    if (verdict.kind !== 'accepted') return;
    const { tenantId, credentialId } = verdict.hookup;
    const outcome = await this.take('held-hookup.v1', verdict.hookup, receivedAt);
    if (outcome === 'durable') this.log.info({ tenantId, credentialId }, 'registration kept for an operator to decide');
    else this.log.error({ tenantId, credentialId }, 'a registration of a host that is not allowed could not be kept');
  }

  private async take(topic: SpilledTopic, hookup: AcceptedHookup, receivedAt: Date): Promise<IntakeOutcome> {
    const sealed = await this.seal(hookup);
    return this.intake.take({ topic, value: hookupValueOf(hookup, sealed, 'hookup', receivedAt) });
  }

  private parse(body: Buffer): unknown {
    try {
      return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
    } catch {
      throw this.counts.refused('hookup', new Problem(400, { code: 'not-json', detail: 'the body is not JSON' }));
    }
  }

  /** Sealed for `hookup.v1`, also where it is kept first: that is where it goes once it is approved. */
  private seal(hookup: AcceptedHookup): Promise<string> | null {
    if (hookup.clientSecret === null) return null;
    const { tenantId, credentialId, host } = hookup;
    return this.sealing.seal(hookup.clientSecret, { topic: 'hookup.v1', tenantId, credentialId, host });
  }
}
