import { memberText, type TwinRecord } from '../json.js';
import type { Ring } from '../ring.js';
import { stamp } from '../times.js';
import type { ExactKind } from './guid.js';
import type { ExactPractice } from './practice.js';

/** What all practices of an EXACT twin share. */
export interface ExactWorld {
  readonly seed: string;
  readonly epoch: number;
  clock(): number;
  readonly changes: Ring<ExactChange>;
}

export interface ExactChange {
  readonly at: number;
  readonly practiceId: string;
  readonly kind: ExactKind;
  /** In lower case. */
  readonly recordId: string;
  readonly change: 'created' | 'updated' | 'deleted';
}

/** Creates an object (guid null: the next one) or changes one. Appointments get a new `lastUpdatedDate`. */
export function writeObject(
  world: ExactWorld,
  practice: ExactPractice,
  kind: ExactKind,
  guid: string | null,
  fields: TwinRecord,
): TwinRecord {
  const now = world.clock();
  const store = practice.store(kind);
  const index = guid === null ? store.takeId() : practice.indexFor(kind, guid);
  const before = store.latest(index);
  const base = before ?? { ...practice.generated(kind, index), ...(guid === null ? {} : { id: guid }) };
  const stamps = kind === 'appointment' ? { lastUpdatedDate: stamp(now, null) } : {};
  const created = kind === 'appointment' && before === null ? { createdDate: stamp(now, null) } : {};
  const record = { ...base, ...created, ...stamps, ...fields, id: base['id'] ?? null };
  store.put(index, record, now, now);
  note(world, practice, kind, memberText(record, 'id'), before === null ? 'created' : 'updated');
  return record;
}

/** Removes an object for good. False when there is none. */
export function removeObject(world: ExactWorld, practice: ExactPractice, kind: ExactKind, guid: string): boolean {
  const index = practice.indexOf(kind, guid);
  const now = world.clock();
  if (index === null || practice.store(kind).latest(index) === null) return false;
  practice.store(kind).delete(index, now, now);
  note(world, practice, kind, guid, 'deleted');
  return true;
}

function note(
  world: ExactWorld,
  practice: ExactPractice,
  kind: ExactKind,
  guid: string,
  change: ExactChange['change'],
): void {
  world.changes.push({ at: world.clock(), practiceId: practice.id, kind, recordId: guid.toLowerCase(), change });
}
