import type { TwinRecord } from '@relay/vendor-twins';
import type { Simulator } from '../../apps/vendor-simulator/src/start.js';

type ExactTwin = Simulator['exact'];

const HOUR = 3_600_000;

/** A time for an appointment that the near window shows, whatever the zone: about a day ahead. */
export const soon = (): string => new Date(Date.now() + 24 * HOUR).toISOString();

/** Makes pending appointments that the near window shows; returns their ids as the twin spells them. */
export function bookSoon(twin: ExactTwin, practice: string, count: number): string[] {
  return Array.from({ length: count }, () =>
    textOf(twin.put(practice, 'appointment', null, { startDate: soon(), status: 'Pending' }), 'id'),
  );
}

/** Appointments that the near window shows. */
export function soonAt(twin: ExactTwin, practice: string): string[] {
  return twin
    .records(practice, 'appointment')
    .filter((record) => {
      const inHours = (Date.parse(textOf(record, 'startDate')) - Date.now()) / HOUR;
      return inHours > -20 && inHours < 60;
    })
    .map((record) => textOf(record, 'id'));
}

/** A member that is text. */
export function textOf(record: TwinRecord, member: string): string {
  const value = record[member];
  if (typeof value !== 'string') throw new Error(`${member} is no text`);
  return value;
}
