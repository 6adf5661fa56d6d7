/** `seen` = an answer shows it; `likely` = the answers fit it, but too few to be sure; `untested` = the finding says why. */
export type Confidence = 'seen' | 'likely' | 'untested';

/** What a tenant's answers say about one statement that the vendor's documents leave open. */
export interface Finding {
  /** Stable, for programs: `client.default-page-size`. */
  readonly id: string;
  readonly statement: string;
  /** Where docs/results/traps.md and the reference of the vendor speak of it: `§6.2`. */
  readonly section: string;
  readonly finding: string;
  readonly confidence: Confidence;
  /** `NAME=value` lines that follow from it; empty: no setting is needed. */
  readonly settings: readonly string[];
  /** Which configured value, or assumption of the relay, the finding contradicts; null: none. */
  readonly contradicts: string | null;
}

/** A statement that no reading can test, with what can be done instead. */
export interface OutOfReach {
  readonly statement: string;
  readonly section: string;
  readonly instead: string;
}

export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly outOfReach: readonly OutOfReach[];
}

type More = Partial<Pick<Finding, 'settings' | 'contradicts'>>;
/** Id, statement and section of a finding. */
export type Statement = Pick<Finding, 'id' | 'statement' | 'section'>;

export function found(about: Statement, confidence: Confidence, finding: string, more: More = {}): Finding {
  return { ...about, finding, confidence, settings: more.settings ?? [], contradicts: more.contradicts ?? null };
}

/** Exit codes of `npm run vendor:check`; 75 (the tenant cannot be reached) is sysexits' EX_TEMPFAIL. */
export const EXIT = { allTested: 0, contradicted: 1, notAllTested: 2, unreachable: 75 } as const;

export function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ contradicts }) => contradicts !== null)) return EXIT.contradicted;
  return findings.some(({ confidence }) => confidence === 'untested') ? EXIT.notAllTested : EXIT.allTested;
}
