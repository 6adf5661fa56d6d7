import type { KeyObject } from 'node:crypto';
import { triggersOf, webhookUrl, type Trigger } from '@relay/contracts';

export interface HookTarget {
  readonly host: string;
  readonly provetId: number;
  readonly tenantId: string;
}

/** A hook that a tenant should have: one trigger, organisation-wide, with a URL of its own. */
export interface WantedHook {
  readonly resource: string;
  readonly trigger: Trigger;
  /** The URL to register: made with the first key. */
  readonly url: string;
  /** Every URL of ours that does the same: made with an older key; for changes also the one that stands for any trigger. */
  readonly equivalents: readonly string[];
}

/** The hooks for all triggers of the enabled resources. `keys`: the first makes URLs, all are still verified. */
export function wantedHooks(
  resources: readonly string[],
  target: HookTarget,
  publicUrl: string,
  keys: readonly [KeyObject, ...KeyObject[]],
): WantedHook[] {
  return resources.flatMap((resource) =>
    triggersOf(resource).map((trigger) => {
      const urls = (name: number | 'any') => keys.map((key) => webhookUrl(publicUrl, target, name, key));
      const own = urls(trigger.number);
      // A deletion that arrives under `any` cannot be told from a change, so there it does not replace the own hook.
      const any = trigger.kind === 'changed' ? urls('any') : [];
      return { resource, trigger, url: own[0] as string, equivalents: [...own, ...any] };
    }),
  );
}

/** True when the tenant's list of hooks holds an active, organisation-wide hook that does what is wanted. */
export function isPresent(wanted: WantedHook, hooks: readonly Readonly<Record<string, unknown>>[]): boolean {
  const urls = new Set(wanted.equivalents.map(decoded));
  return hooks.some(
    (hook) =>
      Number(hook['trigger']) === wanted.trigger.number &&
      hook['active'] !== false &&
      isEmpty(hook['department']) &&
      // The member that holds the target may be unknown, so any member may say it.
      Object.values(hook).some((value) => typeof value === 'string' && urls.has(decoded(value))),
  );
}

/**
 * Ids of the hooks that call us about this tenant. By the address alone: it may be made with a key that we no longer have, or
 * for a resource that is switched off.
 */
export function ownHooks(
  hooks: readonly Readonly<Record<string, unknown>>[],
  { host, provetId }: HookTarget,
  publicUrl: string,
): string[] {
  const ours = decoded(`${publicUrl.replace(/\/+$/, '')}/webhooks/provet/${host}/${provetId}/`);
  return hooks.flatMap((hook) => {
    const callsUs = Object.values(hook).some((value) => typeof value === 'string' && decoded(value).startsWith(ours));
    const id = hook['id'];
    // It becomes part of an address: nothing but what the vendor numbers its hooks with.
    return callsUs && typeof id === 'number' && Number.isSafeInteger(id) ? [String(id)] : [];
  });
}

/** Resources all of whose change triggers are in place: only for them can a change be called missed. */
export function resourcesInPlace(wanted: readonly WantedHook[], missing: ReadonlySet<WantedHook>): string[] {
  const changes = wanted.filter((hook) => hook.trigger.kind === 'changed');
  const incomplete = new Set(changes.filter((hook) => missing.has(hook)).map((hook) => hook.resource));
  return [...new Set(changes.map((hook) => hook.resource))].filter((resource) => !incomplete.has(resource));
}

function isEmpty(department: unknown): boolean {
  return department === undefined || department === null || department === '';
}

/** Vendors may encode or decode parts of the URL that they were given. */
function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
