import type { SyncStatusValue } from '@relay/contracts';

/** What people can do about what a tenant does not permit, in words for the operator. */
export function nextStepsOf(statuses: readonly SyncStatusValue[]): string[] {
  return [...webhookSteps(statuses), ...permissionSteps(statuses)];
}

function webhookSteps(statuses: readonly SyncStatusValue[]): string[] {
  const lacking = statuses.filter(({ webhooks }) => webhooks?.state === 'forbidden' || webhooks?.state === 'missing');
  const blind = lacking.filter(({ webhooks }) => webhooks?.departmentOnly === true);
  const byHand = 'Or have them made by hand with the addresses of GET /tenants/{id}/webhook-urls.';
  const names = (of: readonly SyncStatusValue[]): string => of.map(({ resource }) => resource).join(', ');
  const permission = lacking.map(({ webhooks }) => webhooks?.permission).find((name) => typeof name === 'string');
  return [
    ...(lacking.length === 0
      ? []
      : [
          permission === undefined
            ? `Webhooks are missing for ${names(lacking)}; checks find the changes. ${byHand}`
            : `Have "${permission}" granted (read and write): the relay then makes the webhooks for ${names(lacking)}. ${byHand}`,
        ]),
    ...(blind.length === 0
      ? []
      : [
          `Only webhooks of single departments call for ${names(blind)}: have them made for the whole organisation. ` +
            'Until then checks find what belongs to no department.',
        ]),
  ];
}

function permissionSteps(statuses: readonly SyncStatusValue[]): string[] {
  const uses = new Map<string, string[]>();
  for (const { resource, access } of statuses) {
    if (access?.standing !== 'forbidden') continue;
    const permission = access.permission ?? 'the permission to read it';
    uses.set(permission, [...(uses.get(permission) ?? []), resource]);
  }
  return [...uses].map(
    ([permission, resources]) =>
      `Have "${permission}" granted (read): ${resources.join(', ')} may not be read. They are read by themselves then.`,
  );
}
