import { FencedOut, type Database } from '@relay/database';
import { faultPoint, type Log } from '@relay/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CredentialDesk } from '../credentials/credential-desk.js';
import { nextPublished, publishedToken, type PublishedToken } from '../persistence/published-token-rows.js';
import type { Outbox } from '../publishing/outbox.js';
import type { TokenSealer } from '../publishing/token-sealer.js';
import type { HeldShards } from '../shards/held-shards.js';
import type { RotationProgress } from './rotation-progress.js';

export interface ResealTokensOptions {
  readonly database: Database;
  readonly shards: HeldShards;
  readonly desk: CredentialDesk;
  readonly outbox: Outbox;
  readonly sealer: TokenSealer;
  readonly progress: RotationProgress;
  readonly log: Log;
}

const PAGE_ROWS = 200;
/** Between two tokens that are sealed anew: a connector then reads 100 of them a second, and notices nothing. */
const PAUSE_MS = 10;

/**
 * Publishes tokens again, sealed to the first key of their connector, where they are still sealed to another one. Each is
 * decided on and written by the shard's owner in one transaction: what was minted meanwhile is sealed to the first key
 * already, and stays.
 */
export class ResealTokens {
  constructor(private readonly options: ResealTokensOptions) {}

  /** One round over the held shards. Returns how many were sealed anew. */
  async round(signal: AbortSignal): Promise<number> {
    const { database, shards, progress, log } = this.options;
    let after: PublishedToken | null = null;
    let resealed = 0;
    let left = 0;
    const held = shards.shards();
    while (!signal.aborted && held.length > 0) {
      const page: PublishedToken[] = await nextPublished(database, held, after, PAGE_ROWS);
      for (const token of page) {
        if (signal.aborted) return resealed;
        if (!this.isOld(token)) continue;
        if (await this.reseal(token)) resealed += 1;
        else left += 1;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
      if (page.length < PAGE_ROWS) break;
      after = page.at(-1) ?? null;
    }
    progress.left('token.v1', left);
    if (resealed > 0) log.info({ resealed, left }, 'tokens sealed anew to the first key of their connector');
    return resealed;
  }

  private isOld({ tenantId, kid }: PublishedToken): boolean {
    return kid !== this.options.sealer.kidFor(tenantId);
  }

  /** False: the shard has another owner by now, who does it. */
  private async reseal({ credentialId, scopes, tenantId, shard }: PublishedToken): Promise<boolean> {
    const { shards, desk, outbox, progress } = this.options;
    const epoch = shards.epochOf(shard);
    if (epoch === null) return false;
    try {
      const message = await shards.commitFor({ shard, epoch }, tenantId, async (tx) => {
        const now = await publishedToken(tx, credentialId, scopes);
        return now === null || !this.isOld(now) ? null : desk.sealAnew(tx, credentialId, scopes, tenantId, Date.now());
      });
      await faultPoint('token-broker:after-reseal');
      if (message !== null) outbox.publish([message]);
      progress.renewed('token.v1', message === null ? 0 : 1);
      return true;
    } catch (error) {
      if (error instanceof FencedOut) return false;
      throw error;
    }
  }
}
