import type { KeyObject } from 'node:crypto';
import { webhookKey, webhookKeyId } from '@relay/contracts';
import type { Hook } from './webhook-calls.js';

/** The tenant that a webhook is about. */
export interface HookTarget {
  readonly host: string;
  readonly provetId: number;
  readonly tenantId: string;
}

/** What a webhook's URL says, proven by one of our keys: nobody else could have made it. */
export interface HookAddress {
  readonly trigger: number | 'any';
  /** Which of `WEBHOOK_KEYS` has made it. */
  readonly keyId: string;
  /** Under the present `PUBLIC_URL`. */
  readonly isHere: boolean;
}

/** A webhook at the vendor that calls us about this tenant, with a URL that one of our keys has made. */
export interface KnownHook {
  /** Null: the vendor gave it a number that is none; it is left alone. */
  readonly id: string | null;
  readonly trigger: number;
  readonly address: HookAddress;
  /** By the name that we give ours, for one trigger and the whole organisation. What people have made is theirs. */
  readonly by: 'relay' | 'people';
  /** Active, for the whole organisation. */
  readonly isWhole: boolean;
  readonly isActive: boolean;
}

/** The name of the hooks that we make. */
export function hookName(trigger: number): string {
  return `Practice Relay ${trigger}`;
}

/** Reads a URL that may be ours; null when no key of ours has made it for this tenant. */
export function readHookUrl(
  url: string,
  target: HookTarget,
  publicUrl: string,
  keys: readonly KeyObject[],
): HookAddress | null {
  const middle = `/webhooks/provet/${target.host}/${target.provetId}/`;
  const clear = decoded(url);
  const at = clear.lastIndexOf(middle);
  if (at < 0) return null;
  const [name = '', key = '', ...rest] = clear.slice(at + middle.length).split('/');
  if (rest.length > 0 || !/^(?:any|[1-9]\d{0,8})$/.test(name)) return null;
  const trigger = name === 'any' ? name : Number(name);
  const made = keys.find((one) => webhookKey(one, target.tenantId, trigger) === key);
  if (made === undefined) return null;
  return { trigger, keyId: webhookKeyId(made), isHere: clear.slice(0, at) === decoded(publicUrl.replace(/\/+$/, '')) };
}

/** All that call us by a URL of ours, whoever has made them. */
export function knownHooks(
  hooks: readonly Hook[],
  target: HookTarget,
  publicUrl: string,
  keys: readonly KeyObject[],
): KnownHook[] {
  return hooks.flatMap((hook) => {
    const address = addressOf(hook, target, publicUrl, keys);
    return address === null ? [] : [knownHook(hook, address)];
  });
}

function knownHook(hook: Hook, address: HookAddress): KnownHook {
  const { id } = hook;
  const trigger = Number(hook['trigger']);
  const isWhole = isEmpty(hook['department']);
  const isActive = hook['active'] !== false;
  const isOurs = isWhole && address.trigger === trigger && hook['name'] === hookName(trigger);
  return {
    id: typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : null,
    trigger,
    address,
    by: isOurs ? 'relay' : 'people',
    isWhole: isWhole && isActive,
    isActive,
  };
}

/** The member that holds the target may be unknown, so any member may say it. */
function addressOf(hook: Hook, ...about: [HookTarget, string, readonly KeyObject[]]): HookAddress | null {
  for (const value of Object.values(hook)) {
    const address = typeof value === 'string' ? readHookUrl(value, ...about) : null;
    if (address !== null) return address;
  }
  return null;
}

function isEmpty(department: unknown): boolean {
  return department === undefined || department === null || department === '';
}

/** Vendors may encode or decode parts of the URL that they were given. */
export function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
