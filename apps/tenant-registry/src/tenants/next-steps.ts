import type { SyncStatusValue } from '@relay/contracts';

/** What people can do about what a tenant does not permit, in words for the operator. */
export function nextStepsOf(statuses: readonly SyncStatusValue[]): string[] {
  return [...webhookSteps(statuses), ...permissionSteps(statuses), ...practiceSteps(statuses)];
}

/** What a practice of EXACT lacks: a scope, a version, a subscription, its server. Each is another one's to mend. */
function practiceSteps(statuses: readonly SyncStatusValue[]): string[] {
  const by = (begin: string): string[] => [
    ...new Set(statuses.flatMap(({ reason }) => (reason?.startsWith(begin) ? [reason.slice(begin.length)] : []))),
  ];
  const is = (reason: string): boolean => statuses.some((one) => one.reason === reason);
  const silent = statuses.find(({ presence }) => presence?.unexpected === true)?.presence;
  return [
    ...by('scope-missing: ').map((scopes) => `Ask the vendor to grant the client: ${scopes}.`),
    ...by('version-too-old: ').map(
      (version) => `Have the practice update EXACT (it takes ${version}). What that opens is read by itself then.`,
    ),
    ...(is('credential-rejected')
      ? [
          'The vendor refuses the client itself: check EXACT_CLIENT_ID and EXACT_CLIENT_SECRET. No practice is to blame.',
        ]
      : []),
    ...(is('subscription-doubtful')
      ? ['Calls are refused although the practice is listed: ask the vendor about its subscription.']
      : []),
    ...(silent ? [`Its server has not answered since ${silent.since ?? '?'}: ask the practice.`] : []),
  ];
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
