import { DEFAULT_RESOURCES, catalogueEntry, enabledResources, isInCatalogue } from '../catalogue/catalogue.js';
import { nearestNames } from '../catalogue/nearest-names.js';
import { HOOK_PERMISSION } from '../upkeep/prepare-tenant.js';
import { permissionKeyOf } from './permission-keys.js';

/** What an integrator says of the integration; the rest follows from the relay's own settings. */
export interface TemplateFacts {
  readonly name: string;
  readonly description: string;
  readonly grant: 'client_credentials' | 'authorization_code';
  /** Countries in which practices may add it. Empty: to be settled with the vendor. */
  readonly markets: readonly string[];
  readonly publicUrl: string;
  readonly hookupUrl: string;
  readonly resources: readonly string[];
  /** False where people make the hooks, or there are none. */
  readonly makesHooks: boolean;
}

export interface TemplatePermission {
  readonly permission: string;
  /** Null: the vendor has not published it. */
  readonly key: string | null;
  readonly read: boolean;
  readonly write: boolean;
  readonly for: readonly string[];
}

export interface TemplateRequest {
  readonly name: string;
  readonly shortDescription: string;
  readonly grant: TemplateFacts['grant'];
  readonly redirectUri: string;
  readonly hookupUrl: string;
  readonly markets: readonly string[];
  readonly permissions: readonly TemplatePermission[];
  /** Enabled resources for which the vendor lists no permission. */
  readonly withoutPermission: readonly string[];
}

/** What has to be asked of Provet's support so that practices can add this relay. Throws for an unknown resource. */
export function templateRequest(facts: TemplateFacts): TemplateRequest {
  const names = facts.resources.length === 0 ? DEFAULT_RESOURCES : facts.resources;
  for (const name of names) {
    if (name === 'all' || isInCatalogue(name)) continue;
    throw new Error(
      `PROVET_RESOURCES names ${name}, which is not in the catalogue (${nearestNames(name).join(', ')}?)`,
    );
  }
  const resources = enabledResources(names);
  const uses = new Map<string, string[]>();
  for (const name of resources) {
    const { permission } = catalogueEntry(name);
    if (permission !== null) uses.set(permission, [...(uses.get(permission) ?? []), name]);
  }
  const hookUse = facts.makesHooks ? ['webhooks'] : [];
  if (facts.makesHooks) uses.set(HOOK_PERMISSION, [...(uses.get(HOOK_PERMISSION) ?? []), ...hookUse]);
  return {
    name: facts.name,
    shortDescription: facts.description,
    grant: facts.grant,
    redirectUri: `${facts.publicUrl.replace(/\/+$/, '')}/oauth/callback`,
    hookupUrl: facts.hookupUrl,
    markets: facts.markets,
    permissions: [...uses].map(([permission, used]) => ({
      permission,
      key: permissionKeyOf(permission),
      read: true,
      // Records are only read.
      write: facts.makesHooks && permission === HOOK_PERMISSION,
      for: used,
    })),
    withoutPermission: resources.filter((name) => catalogueEntry(name).permission === null),
  };
}

/** The request as a letter in Markdown. */
export function templateLetter(request: TemplateRequest): string {
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  const rows = request.permissions.map(
    ({ permission, key, read, write, for: used }) =>
      `| ${permission} | ${key === null ? 'not published' : `\`${key}\``} | ${yes(read)} | ${yes(write)} | ${used.join(', ')} |`,
  );
  const unlisted = request.withoutPermission.join(', ');
  return [
    '# Request for a Provet integration template',
    '',
    `- **Name:** ${request.name}`,
    `- **Short description:** ${request.shortDescription}`,
    `- **Authorization grant type:** ${request.grant}`,
    `- **Redirect URI:** ${request.redirectUri}`,
    `- **Hookup URL for new registrations:** ${request.hookupUrl}`,
    `- **Markets:** ${request.markets.length === 0 ? '(to be named: PROVET_TEMPLATE_MARKETS)' : request.markets.join(', ')}`,
    '',
    '## Permission template',
    '',
    '| permission | key | read | write | needed for |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...(unlisted === '' ? [] : [`No permission is listed for: ${unlisted}.`, '']),
    'Where a key is not published, please take the one of the permission as named.',
    '',
  ].join('\n');
}
