import { EXACT_TRAPS } from './exact-traps.ts';
import { PROVET_TRAPS } from './provet-traps.ts';
import type { VendorTraps } from './trap.ts';

/** Every trap of the vendors' references, in the order of the page. */
export const ALL_TRAPS: readonly VendorTraps[] = [
  { name: 'provet', title: 'Provet Cloud', traps: PROVET_TRAPS },
  { name: 'exact', title: 'EXACT', traps: EXACT_TRAPS },
];
