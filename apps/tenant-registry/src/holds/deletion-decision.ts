import { Injectable } from '@nestjs/common';
import type { Note } from '../changes/change-set.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { HoldRecord } from '../persistence/hold-rows.js';
import { RequestSender, newRequest } from '../sync-requests/request-sender.js';
import { decideHold, type Decision } from './decide-hold.js';

/** Tells the sync what a person has decided about the deletions that it holds. */
@Injectable()
export class DeletionDecision {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly sender: RequestSender,
  ) {}

  async decide(hold: HoldRecord & { kind: 'deletions' }, decision: Decision, note: Note): Promise<HoldRecord> {
    const kind = decision === 'approved' ? 'release-deletions' : 'drop-deletions';
    const { resource } = hold.detail;
    // Durable first: a hold that stays open by an accident is decided again; one that nobody hears of would stay for ever.
    await this.sender.send(newRequest({ tenantId: hold.tenantId ?? '', kind, resource }, note));
    return this.changes.run((set) => decideHold(set, hold.holdId, decision, note));
  }
}
