import type { WantedHook } from './hook-plan.js';
import { FORM, decoded, hookName, isEmpty, type HookTarget, type KnownHook } from './known-hooks.js';
import type { Hook } from './webhook-calls.js';

/** What has to be changed in a hook of ours so that it is again as we have made it. */
export interface Repair {
  readonly id: string;
  readonly change: Hook;
}

/**
 * What somebody has changed in hooks of ours: switched off, another target, a department, another form of the body. Ours is
 * what has the name that we give, is about that trigger, and calls this relay about this tenant. One hook for each trigger:
 * the one with the least to change. A hook that calls anybody else is never touched, whatever its name.
 */
export function driftOf(
  hooks: readonly Hook[],
  wanted: readonly WantedHook[],
  { host, provetId }: HookTarget,
  publicUrl: string,
): Repair[] {
  const here = decoded(`${publicUrl.replace(/\/+$/, '')}/webhooks/provet/${host}/${provetId}/`);
  return wanted.flatMap((one) => {
    const number = one.trigger.number;
    const repairs = hooks
      .filter((hook) => hook['name'] === hookName(number) && Number(hook['trigger']) === number)
      .flatMap((hook) => repairOf(hook, one, here));
    const [least] = repairs.sort((a, b) => Object.keys(a.change).length - Object.keys(b.change).length);
    return least === undefined || Object.keys(least.change).length === 0 ? [] : [least];
  });
}

function repairOf(hook: Hook, one: WantedHook, here: string): Repair[] {
  const id = hook['id'];
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return [];
  const member = Object.keys(hook).find((name) => {
    const value = hook[name];
    return typeof value === 'string' && decoded(value).startsWith(here);
  });
  if (member === undefined) return [];
  // A URL of an older key serves until the hook has been made anew with the first one: that is another one's work.
  const path = decoded(hook[member] as string).slice(here.length);
  const isOfTrigger = new RegExp(`^${one.trigger.number}/[\\w-]{32}$`).test(path);
  const form = hook['content_type'];
  return [
    {
      id: String(id),
      change: {
        ...(hook['active'] === false ? { active: true } : {}),
        ...(isEmpty(hook['department']) ? {} : { department: null }),
        ...(form === undefined || Number(form) === FORM ? {} : { content_type: FORM }),
        ...(isOfTrigger ? {} : { [member]: one.url }),
      },
    },
  ];
}

/** Ids of hooks of ours that are there more than once, but for the oldest active one of each trigger: changes would call twice. */
export function doubledHooks(known: readonly KnownHook[], wanted: readonly WantedHook[]): string[] {
  return wanted.flatMap((one) => {
    const own = known.filter(
      (hook) =>
        hook.by === 'relay' &&
        hook.address.isHere &&
        hook.trigger === one.trigger.number &&
        hook.address.keyId === one.keyId,
    );
    const [, ...spare] = own
      .filter(({ id }) => id !== null)
      .sort((a, b) => Number(b.isActive) - Number(a.isActive) || Number(a.id) - Number(b.id));
    return spare.map(({ id }) => String(id));
  });
}

/**
 * Resources whose changes only hooks of single departments announce. Those are silent about changes without a department,
 * such as clients and patients that were changed through the API: they are found by the checks.
 */
export function departmentOnly(
  known: readonly KnownHook[],
  wanted: readonly WantedHook[],
  noticesFor: readonly string[],
): string[] {
  const ofDepartments = new Set(
    known.filter(({ isActive, isWhole }) => isActive && !isWhole).map(({ trigger }) => trigger),
  );
  const blind = wanted.filter(
    ({ resource, trigger }) =>
      trigger.kind === 'changed' && ofDepartments.has(trigger.number) && !noticesFor.includes(resource),
  );
  return [...new Set(blind.map(({ resource }) => resource))];
}
