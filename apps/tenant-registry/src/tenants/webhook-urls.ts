import { TRIGGERS, webhookUrl } from '@relay/contracts';
import type { KeyObject } from 'node:crypto';

export interface WebhookUrlView {
  readonly trigger: number | 'any';
  readonly name: string;
  readonly resource: string | null;
  readonly url: string;
}

/** The addresses to enter at the vendor by hand: one for each trigger that stands for a resource, and `any`. */
export function webhookUrlsOf(
  publicUrl: string,
  signingKey: KeyObject,
  target: { host: string; provetId: number; tenantId: string },
): WebhookUrlView[] {
  const triggers = [...TRIGGERS.values()]
    .filter((trigger) => trigger.resource !== null)
    .map(({ number, name, resource }) => ({ trigger: number, name, resource }));
  const any = { trigger: 'any' as const, name: 'Any change, told apart by the name of the id', resource: null };
  return [...triggers, any].map((one) => ({ ...one, url: webhookUrl(publicUrl, target, one.trigger, signingKey) }));
}
