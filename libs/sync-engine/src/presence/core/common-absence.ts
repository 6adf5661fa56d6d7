/** Fewer may be away by chance. */
const LEAST_ABSENT = 3;
/** Of those that are there or should be. On a working day a few in a hundred are late or broken. */
const COMMON_SHARE = 0.15;

type Part = 'here' | 'absent';

/**
 * Who of each kind (EXACT: of a country) is there, and who is away where an answer is expected: a day off for many is no
 * matter of each. Knows the tenants of one process: these are drawn by chance, so their share is that of all.
 */
export class CommonAbsence {
  private readonly parts = new Map<string, { readonly group: string; readonly part: Part }>();
  private readonly groups = new Map<string, Record<Part, number>>();

  /** Null: it is not expected to be there, or not known any more. */
  note(tenantId: string, group: string, part: Part | null): void {
    const before = this.parts.get(tenantId);
    if (before?.part === (part ?? undefined) && before?.group === group) return;
    if (before !== undefined) {
      this.countsOf(before.group)[before.part] -= 1;
      this.parts.delete(tenantId);
    }
    if (part === null) return;
    this.countsOf(group)[part] += 1;
    this.parts.set(tenantId, { group, part });
  }

  /** So many are away that it is a day off. */
  isCommon(group: string): boolean {
    const { here, absent } = this.countsOf(group);
    return absent >= LEAST_ABSENT && absent >= COMMON_SHARE * (here + absent);
  }

  /** The groups of which so many are away. */
  common(): string[] {
    return [...this.groups.keys()].filter((group) => this.isCommon(group));
  }

  private countsOf(group: string): Record<Part, number> {
    let counts = this.groups.get(group);
    if (counts === undefined) this.groups.set(group, (counts = { here: 0, absent: 0 }));
    return counts;
  }
}
