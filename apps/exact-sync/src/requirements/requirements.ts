import {
  EXACT_BASE_SCOPES,
  EXACT_RESOURCES,
  EXACT_SCOPES_OF,
  exactScopesWanted,
  type ExactResource,
  type ExactScopeNeeds,
} from '@relay/contracts';
import { compareVersions } from '../versions/exact-version.js';
import { minimumVersionOf } from '../versions/minimum-versions.js';

/** What one enabled resource takes. */
export interface ResourceRequirement {
  readonly resource: ExactResource;
  /** The oldest EXACT that answers it. */
  readonly version: string;
  /** Without these it cannot be read. */
  readonly scopes: readonly string[];
  /** Without this one only the rows of its list are read; null: there is one form only. */
  readonly detailScope: string | null;
  /** Each adds members to its records. */
  readonly furtherScopes: readonly string[];
}

/** What the vendor has to grant and a practice has to have, by what is enabled. */
export interface Requirements {
  readonly environment: string;
  /** The minimum that the vendor may enforce when a practice subscribes: everything that is enabled works from here on. */
  readonly minimumVersion: string;
  readonly scopes: readonly string[];
  readonly resources: readonly ResourceRequirement[];
}

/** Throws for a resource that there is not. An empty list means the relay's own default. */
export function requirements(facts: {
  readonly environment: string;
  readonly resources: readonly string[];
}): Requirements {
  const names = facts.resources.length === 0 ? DEFAULT_RESOURCES : facts.resources;
  const resources = names.map(requirementOf);
  return {
    environment: facts.environment,
    minimumVersion: resources.map(({ version }) => version).reduce(newer),
    scopes: exactScopesWanted(names),
    resources,
  };
}

/** The same as a letter to the vendor's integrations team. */
export function requirementsLetter({ environment, minimumVersion, scopes, resources }: Requirements): string {
  const lines = [
    `Requirements of our integration with EXACT (${environment === '' ? 'environment not set' : environment})`,
    '',
    `Minimum EXACT version of a subscribing practice: ${minimumVersion}`,
    'Please enforce it when a practice subscribes; older ones are shown as lacking what they cannot answer.',
    '',
    'Scopes to be assigned to our client:',
    ...scopes.map((scope) => `  ${scope}${isBase(scope) ? ' (without it nothing works)' : ''}`),
    '',
    'What they are for:',
    ...resources.map(lineOf),
    '',
    'All calls are readings. Where the documentation names no minimum version for an endpoint, that of the whole API is meant.',
  ];
  return `${lines.join('\n')}\n`;
}

const DEFAULT_RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'] as const;

const isBase = (scope: string): boolean => EXACT_BASE_SCOPES.some((base) => base === scope);
const newer = (one: string, other: string): string => ((compareVersions(one, other) ?? 0) < 0 ? other : one);

function requirementOf(name: string): ResourceRequirement {
  const resource = EXACT_RESOURCES.find((one) => one === name);
  if (resource === undefined) {
    throw new Error(`EXACT_RESOURCES names ${name}; there are ${EXACT_RESOURCES.join(', ')}`);
  }
  const { needs, detail, extendedBy }: ExactScopeNeeds = EXACT_SCOPES_OF[resource];
  return {
    resource,
    version: minimumVersionOf(resource),
    scopes: needs,
    detailScope: detail,
    furtherScopes: extendedBy,
  };
}

function lineOf({ resource, version, scopes, detailScope, furtherScopes }: ResourceRequirement): string {
  const more = [...(detailScope === null ? [] : [detailScope]), ...furtherScopes];
  const further = more.length === 0 ? '' : `; more of it with ${more.join(', ')}`;
  return `  ${resource}: ${scopes.join(', ')}, EXACT ${version}${further}`;
}
