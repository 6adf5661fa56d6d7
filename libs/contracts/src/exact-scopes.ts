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
  /** Records are read one by one with it; without it the rows of the list are the records. Null: there is one form only. */
  readonly detail: string | null;
  /** Each adds members to the same answers. */
  readonly extendedBy: readonly string[];
  /** Without any of those the answers are empty. Absent: they are not. */
  readonly extensionNeeded?: true;
}

export const EXACT_SCOPES_OF = {
  practice: { needs: ['practice.get'], detail: null, extendedBy: [] },
  practitioner: { needs: ['practitioner.list'], detail: 'practitioner.get', extendedBy: [] },
  appointment: { needs: ['appointment.list'], detail: 'appointment.get', extendedBy: [] },
  patient: { needs: ['patient.list'], detail: 'patient.get', extendedBy: [] },
  payor: { needs: ['payor.list'], detail: 'payor.get', extendedBy: [] },
  'contact-details': {
    // The patients are listed to learn whose there are; each is asked for with the scope of a patient.
    needs: ['patient.list', 'patient.get'],
    detail: null,
    extendedBy: ['patient.get.contactdetails.phone', 'patient.get.contactdetails.email'],
    extensionNeeded: true,
  },
} as const satisfies Record<string, ExactScopeNeeds>;

export type ExactResource = keyof typeof EXACT_SCOPES_OF;
export const EXACT_RESOURCES = Object.keys(EXACT_SCOPES_OF) as readonly ExactResource[];
/** Read when nobody says otherwise. How patients can be reached is no part of that: somebody has to want it. */
export const EXACT_USUAL_RESOURCES: readonly ExactResource[] = ['practice', 'practitioner', 'appointment', 'patient'];

/** What a resource may be read with. */
export type ExactScopeSet =
  | {
      readonly kind: 'granted';
      readonly scopes: string;
      /** True: the scope for details is not among them. */
      readonly listOnly: boolean;
    }
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
 * The set of one resource: the base, what it needs, and its details and what extends it as far as that is granted. A granted scope that no
 * resource is known to need was asked for by an operator, who knows more about the vendor than this table: it is in every set.
 */
export function exactScopeSet(resource: ExactResource, granted: readonly string[]): ExactScopeSet {
  const { needs, detail, extendedBy, extensionNeeded = false } = needsOf(resource);
  const missing = [...EXACT_BASE_SCOPES, ...needs].filter((scope) => !granted.includes(scope));
  if (extensionNeeded && !extendedBy.some((scope) => granted.includes(scope))) missing.push(...extendedBy);
  if (missing.length > 0) return { kind: 'missing', missing: [...new Set(missing)].sort() };
  const more = granted.filter((scope) => scope === detail || extendedBy.includes(scope) || !KNOWN.has(scope));
  return {
    kind: 'granted',
    scopes: exactScopeText([...EXACT_BASE_SCOPES, ...needs, ...more]),
    listOnly: detail !== null && !granted.includes(detail),
  };
}

const needsOf = (resource: ExactResource): ExactScopeNeeds => EXACT_SCOPES_OF[resource];
const allOf = ({ needs, detail, extendedBy }: ExactScopeNeeds): readonly string[] => [
  ...needs,
  ...(detail === null ? [] : [detail]),
  ...extendedBy,
];

const KNOWN: ReadonlySet<string> = new Set<string>([
  ...EXACT_BASE_SCOPES,
  ...EXACT_RESOURCES.flatMap((resource) => allOf(needsOf(resource))),
]);
