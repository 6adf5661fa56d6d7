import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { webhookKeyId, webhookSigningKey } from '@relay/contracts';
import { Database } from '@relay/database';
import { CONFIG, ConfigError, Log } from '@relay/service-kit';
import type { ProvetSyncConfig } from '../config.js';
import { keyUses, putListing, type KeyUse } from '../persistence/webhook-listing-rows.js';
import type { HookBook, NotedHook } from './hook-book.js';

/** Which webhook uses which key, in the database; refuses to start without a key that webhooks still need. */
@Injectable()
export class WebhookKeys implements HookBook, OnModuleInit {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CONFIG) private readonly config: ProvetSyncConfig,
    @Inject(Log) private readonly log: Log,
  ) {}

  async onModuleInit(): Promise<void> {
    // Hooks that people make are theirs to change.
    if (this.config.webhooks !== 'provision') return;
    const kids = this.config.webhookKeys.map((key) => webhookKeyId(webhookSigningKey(key)));
    const problems = missingWebhookKeys(await keyUses(this.database), kids);
    if (problems.length > 0) throw new ConfigError(problems);
  }

  async note(tenantId: string, listedAt: number, hooks: readonly NotedHook[]): Promise<void> {
    try {
      await putListing(this.database, tenantId, listedAt, hooks);
    } catch (error) {
      // The webhooks stand all the same; the note is made good at the next preparation.
      this.log.warn({ tenantId, err: error }, 'it could not be noted which webhooks there are');
    }
  }
}

const MOST_NAMED = 5;

/** Keys that webhooks at the vendor need and that were not given, in the words of a wrong setting. */
export function missingWebhookKeys(uses: readonly KeyUse[], kids: readonly string[]): string[] {
  const needs = new Map<string, { hooks: number; tenants: string[] }>();
  for (const { keyId, tenantId, hooks, isSpare } of uses) {
    if (keyId === null || isSpare || kids.includes(keyId)) continue;
    const need = needs.get(keyId) ?? { hooks: 0, tenants: [] };
    needs.set(keyId, { hooks: need.hooks + hooks, tenants: [...new Set([...need.tenants, tenantId])] });
  }
  return [...needs].map(([kid, { hooks, tenants }]) => {
    const rest = tenants.length - MOST_NAMED;
    const named = `${tenants.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    return (
      `WEBHOOK_KEYS lacks the key ${kid}, which ${hooks} webhooks at the vendor still use: ${named}. ` +
      'Put it back behind the first, here and at the gateway: they are made anew with the first by themselves, and ' +
      '`npm run keys -- status` says when it may go'
    );
  });
}
