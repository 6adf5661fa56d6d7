import { found, type Finding } from '../finding.ts';
import { listOf, timeOf, zoneOf, type List, type Row } from './rows.ts';
import { readList, type Survey } from './survey.ts';
import type { ProvetSubject } from './subject.ts';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
/** Zones of this world, in quarters of an hour. */
const WESTMOST = -12 * 4;
const EASTMOST = 14 * 4;

const ABOUT = {
  naive: { id: 'filter-times.naive', statement: 'zone of a time without one, in a filter', section: '§6.3' },
  documented: { id: 'filter-times.documented', statement: '"YYYY-MM-DD hh:mm+00:00" in a filter', section: '§6.3' },
  iso: {
    id: 'filter-times.iso',
    statement: '"…T…Z" and other offsets in a filter mean the same instant',
    section: '§6.3',
  },
  plus: { id: 'filter-times.plus', statement: 'a "+" that is not sent as %2B', section: '§6.3' },
} as const;

interface Probe {
  readonly member: string;
  /** Of the record that is asked for, floored to the minute. */
  readonly time: number;
  /** Zone in which the record itself writes that time. */
  readonly written: string;
  /** Whether the record comes back under that bound; null = neither yes nor no. */
  readonly includes: (bound: string) => Promise<boolean | null>;
}

/**
 * What the times in filters mean. One record is asked for by its id under bounds around its own time of change: whether it comes
 * back says on which side of it the vendor saw the bound. Asked of one resource only.
 */
export async function filterTimeFindings(
  subject: ProvetSubject,
  survey: Survey & { readonly list: List },
): Promise<Finding[]> {
  const probe = probeOf(subject, survey);
  const all = Object.values(ABOUT);
  if (probe === null)
    return all.map((about) => found(about, 'untested', `no ${survey.resource.name} says when it was changed`));
  const early = subject.connector.filterTime(probe.time);
  const late = subject.connector.filterTime(probe.time + MINUTE);
  const [at, after] = [await probe.includes(early), await probe.includes(late)];
  if (at !== true || after !== false) {
    const text =
      at === true && after === true
        ? 'the filter, or "id__is", is ignored'
        : 'the record does not come back under its own time';
    const contradicts =
      at === false
        ? { contradicts: 'the form of time in which the relay asks for changes is read as another instant' }
        : {};
    return [
      found(ABOUT.documented, at === false ? 'seen' : 'untested', text, contradicts),
      ...all.filter((about) => about !== ABOUT.documented).map((about) => found(about, 'untested', text)),
    ];
  }
  return [
    found(ABOUT.documented, 'seen', 'read as that instant, to the minute'),
    await naiveFinding(probe),
    await isoFinding(probe),
    await plusFinding(probe),
  ];
}

function probeOf(subject: ProvetSubject, { resource, list }: Survey & { readonly list: List }): Probe | null {
  const { modifiedMember: member } = resource;
  const row = member === null ? undefined : list.rows.find((one) => timeOf(one, member) !== null);
  if (member === null || row === undefined) return null;
  const id = subject.connector.recordIdOf(row);
  const time = timeOf(row, member);
  if (id === null || time === null) return null;
  const isIt = (one: Row): boolean => subject.connector.recordIdOf(one) === id;
  return {
    member,
    time: Math.floor(time / MINUTE) * MINUTE,
    written: zoneOf(row[member]) ?? '',
    includes: async (bound) => {
      const page = listOf(
        await readList(subject, resource, `id__is=${encodeURIComponent(id)}&${member}__gte=${bound}&page_size=1`),
      );
      if (page === null || page.rows.length > 1) return null;
      const [only] = page.rows;
      return only === undefined ? false : isIt(only) ? true : null;
    },
  };
}

/** Naive bounds later and later: the latest that still gives the record lies as far from it as the zone from UTC. */
async function naiveFinding({ time, written, includes }: Probe): Promise<Finding> {
  const bound = (quarters: number): string =>
    encodeURIComponent(new Date(time + quarters * QUARTER).toISOString().slice(0, 19));
  if ((await includes(bound(WESTMOST))) !== true)
    return found(ABOUT.naive, 'seen', 'not read as a time: always send an offset (the relay does)');
  let [known, unknown] = [WESTMOST, EASTMOST + 1];
  while (unknown - known > 1) {
    const middle = Math.floor((known + unknown) / 2);
    const answer = await includes(bound(middle));
    if (answer === null) return found(ABOUT.naive, 'untested', 'an answer was no page of that record');
    if (answer) known = middle;
    else unknown = middle;
  }
  const zone = zoneText(known);
  const day = new Date(time).toISOString().slice(0, 10);
  const same = zone === written || (zone === '+00:00' && written === 'Z') ? ', as the record writes it' : '';
  return found(ABOUT.naive, 'seen', `UTC${zone} on ${day}${same} (the relay always sends an offset)`);
}

async function isoFinding({ time, includes }: Probe): Promise<Finding> {
  const forms = (at: number): string[] => [
    new Date(at).toISOString().replace('.000', ''),
    withOffset(at, 5 * 60),
    withOffset(at, -(3 * 60 + 30)),
  ];
  const strange: string[] = [];
  for (const [index, early] of forms(time).entries()) {
    const late = forms(time + MINUTE)[index] as string;
    if ((await includes(encodeURIComponent(early))) !== true || (await includes(encodeURIComponent(late))) !== false)
      strange.push(formOf(early));
  }
  return found(
    ABOUT.iso,
    'seen',
    strange.length === 0 ? 'yes' : `no: not ${strange.join(', ')} (the relay sends neither)`,
  );
}

async function plusFinding({ time, includes }: Probe): Promise<Finding> {
  const text = withOffset(time, 5 * 60)
    .replace('T', ' ')
    .slice(0, 16);
  const answer = await includes(`${encodeURIComponent(text)}+05:00`);
  return found(
    ABOUT.plus,
    'seen',
    answer === null ? 'refused' : answer ? 'read all the same' : 'read as another instant, or ignored',
  );
}

function withOffset(at: number, minutes: number): string {
  const sign = minutes < 0 ? '-' : '+';
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${new Date(at + minutes * MINUTE).toISOString().slice(0, 19)}${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** `2026-11-26T12:00:00+05:00` → `…+05:00`. */
function formOf(text: string): string {
  return `…${text.slice(19)}`;
}

function zoneText(quarters: number): string {
  const size = Math.abs(quarters) * 15;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${quarters < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
