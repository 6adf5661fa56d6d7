import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, Log } from '@relay/service-kit';
import { randomUUID } from 'node:crypto';
import { observed, type ChangeSet } from '../changes/change-set.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { RegistryConfig } from '../config.js';
import { closePassed, longInvalid, raiseUninstalled } from '../persistence/uninstalled-rows.js';
import { Rounds } from '../rounds/rounds.js';
import { expireHeld, noteClosed } from './keep-registration.js';

const EVERY_MS = 30_000;
const DAY_MS = 24 * 3_600_000;

/** Raises and closes the holds that time alone brings about. Any replica does it; none does it twice. */
@Injectable()
export class HoldKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds: Rounds;

  constructor(
    private readonly changes: RegistryChanges,
    log: Log,
    @Inject(CONFIG) private readonly config: RegistryConfig,
  ) {
    this.rounds = new Rounds({
      everyMs: Math.min(EVERY_MS, Math.max(1000, config.provetUninstallDays * DAY_MS)),
      work: () => this.look(),
      log,
      failure: 'holds cannot be looked after now',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  private async look(): Promise<void> {
    await this.changes.run(expireHeld);
    await this.changes.run((set) => this.uninstalled(set));
  }

  /** A practice whose client the vendor has not known for long has most likely taken the integration out. */
  private async uninstalled(set: ChangeSet): Promise<void> {
    await noteClosed(set, await closePassed(set.tx, set.now), 'passed');
    const before = new Date(Date.parse(set.now) - this.config.provetUninstallDays * DAY_MS).toISOString();
    for (const found of await longInvalid(set.tx, before)) {
      const holdId = randomUUID();
      if (!(await raiseUninstalled(set.tx, { ...found, holdId, now: set.now }))) continue;
      const { tenantId, credentialId, invalidSince } = found;
      await set.audit(observed('hold-raised', 'uninstalled'), {
        tenantId,
        detail: { holdId, credentialId, invalidSince },
      });
    }
  }
}
