/**
 * Which scopes the relay's work at EXACT needs: data that token-broker (what to ask for) and exact-sync (which token to use)
 * must read alike. A token request that names one scope which is not granted fails as a whole, so each resource has a set
 * of its own.
 */

/** Without these nothing works: the subscriptions cannot be listed, and no practice can be told from another. */
export const EXACT_BASE_SCOPES = ['practice.get', 'productsubscription.get'] as const;

export interface ExactScopeNeeds {
  /** All of them, or the resource cannot be read. */
  readonly needs: readonly string[];
  /** Each adds members to the same answers. */
  readonly extendedBy: readonly string[];
}

export const EXACT_SCOPES_OF = {
  practice: { needs: ['practice.get'], extendedBy: [] },
  practitioner: { needs: ['practitioner.list', 'practitioner.get'], extendedBy: [] },
  appointment: { needs: ['appointment.list', 'appointment.get'], extendedBy: [] },
  patient: { needs: ['patient.list', 'patient.get'], extendedBy: [] },
} as const satisfies Record<string, ExactScopeNeeds>;

export type ExactResource = keyof typeof EXACT_SCOPES_OF;
export const EXACT_RESOURCES = Object.keys(EXACT_SCOPES_OF) as readonly ExactResource[];

/** What a resource may be read with. */
export type ExactScopeSet =
  | { readonly kind: 'granted'; readonly scopes: string }
  | { readonly kind: 'missing'; readonly missing: readonly string[] };

/** A scope set as `token.v1` spells it: sorted, none twice, separated by spaces. */
export function exactScopeText(scopes: Iterable<string>): string {
  return [...new Set(scopes)].sort().join(' ');
}

/** What the vendor is asked for when nobody says otherwise: all that the resources need or are extended by. */
export function exactScopesWanted(resources: readonly string[]): string[] {
  const wanted = new Set<string>(EXACT_BASE_SCOPES);
  for (const resource of EXACT_RESOURCES) {
    if (resources.includes(resource)) for (const scope of allOf(needsOf(resource))) wanted.add(scope);
  }
  return [...wanted].sort();
}

/**
 * The set of one resource: the base, what it needs, and what extends it as far as that is granted. A granted scope that no
 * resource is known to need was asked for by an operator, who knows more about the vendor than this table: it is in every set.
 */
export function exactScopeSet(resource: ExactResource, granted: readonly string[]): ExactScopeSet {
  const { needs, extendedBy } = needsOf(resource);
  const missing = [...EXACT_BASE_SCOPES, ...needs].filter((scope) => !granted.includes(scope));
  if (missing.length > 0) return { kind: 'missing', missing: [...new Set(missing)].sort() };
  const more = granted.filter((scope) => extendedBy.includes(scope) || !KNOWN.has(scope));
  return { kind: 'granted', scopes: exactScopeText([...EXACT_BASE_SCOPES, ...needs, ...more]) };
}

const needsOf = (resource: ExactResource): ExactScopeNeeds => EXACT_SCOPES_OF[resource];
const allOf = ({ needs, extendedBy }: ExactScopeNeeds): readonly string[] => [...needs, ...extendedBy];

const KNOWN: ReadonlySet<string> = new Set<string>([
  ...EXACT_BASE_SCOPES,
  ...EXACT_RESOURCES.flatMap((resource) => allOf(needsOf(resource))),
]);
