import type { CheckAnswer, CheckCalls } from '../check-calls.ts';
import { found, type Finding, type Statement } from '../finding.ts';
import { inOrder, rowOf, shapeOf, timeOf, type Row } from '../provet/rows.ts';
import { ask, bodyForm, pathOf, windowQuery, type CheckedResource, type ExactSubject } from './subject.ts';

const DAY = 86_400_000;

/** What lists say of windows, order, continuations, and how their rows stand to the records. */
export async function listFindings(subject: ExactSubject, resource: CheckedResource): Promise<Finding[]> {
  const calls = subject.callsFor(resource.name);
  const about = { id: `${resource.name}.list`, statement: `list of ${resource.name}`, section: '§4' };
  if (calls === null) return [found(about, 'untested', 'its scopes are not granted to the client')];
  const path = pathOf(subject, resource.segment);
  const { pastDays, futureDays } = subject.configured;
  const [from, to] = [subject.now - pastDays * DAY, subject.now + futureDays * DAY];
  const isWindow = resource.reads === 'window';
  const first = await ask(calls, path, isWindow ? windowQuery(from, to) : undefined);
  const list = first.status === 200 ? subject.connector.readList(first.text, first.headers, subject.configured) : null;
  if (list === null)
    return [found(about, first.status === 503 ? 'untested' : 'seen', `${first.status}, ${bodyForm(first)}`)];
  const rows = list.items.map(rowOf).filter((row) => row !== null);
  return [
    found(about, 'seen', `${Array.isArray(first.json) ? 'a bare array' : shapeOf(first.json, 1)}, ${rows.length} rows`),
    continuationFinding(subject, resource, first, list.continuation),
    ...(await detailFindings(subject, resource, calls, rows)),
    ...(isWindow ? await windowFindings({ calls, path, from, to, rows }) : []),
  ];
}

/** Where the continuation travels, when the first page has one. */
function continuationFinding(
  { configured }: ExactSubject,
  { name }: CheckedResource,
  { headers, json }: CheckAnswer,
  read: string | null,
): Finding {
  const about = { id: `${name}.continuation`, statement: `where the continuation of ${name} travels`, section: '§4.1' };
  if (read !== null) {
    const where = Object.hasOwn(headers, configured.header)
      ? `header ${configured.header}`
      : `member ${configured.member}`;
    return found(about, 'seen', where);
  }
  const header = Object.keys(headers).find((one) => /continuation/i.test(one));
  const member = Object.keys(rowOf(json) ?? {}).find(
    (one) => /continuation|next/i.test(one) && rowOf(json)?.[one] !== null,
  );
  const setting =
    header !== undefined
      ? `EXACT_CONTINUATION_HEADER=${header}`
      : member !== undefined
        ? `EXACT_CONTINUATION_MEMBER=${member}`
        : null;
  if (setting === null)
    return found(about, 'untested', 'the first page was the last: try a practice with more records');
  return found(about, 'seen', `not where the relay looks for it: ${header ?? member ?? ''}`, {
    settings: [setting],
    contradicts: 'every list would be taken to end with its first page',
  });
}

/** A row beside its record: the same members, and the id in whichever spelling. */
async function detailFindings(
  subject: ExactSubject,
  { name, segment, reads }: CheckedResource,
  calls: CheckCalls,
  rows: readonly Row[],
): Promise<Finding[]> {
  const about = { id: `${name}.forms`, statement: `a row of ${name} beside its record`, section: '§5' };
  const id = rows[0]?.['id'];
  if (typeof id !== 'string' || reads === 'practice') return [found(about, 'untested', 'there is no row with an id')];
  const answer = await ask(calls, pathOf(subject, segment, id));
  const record = answer.status === 200 ? rowOf(answer.json) : null;
  if (record === null) return [found(about, 'seen', `the record alone: ${answer.status}, ${bodyForm(answer)}`)];
  const only = (one: Row, other: Row): string[] => Object.keys(one).filter((member) => !Object.hasOwn(other, member));
  const [inRow, inRecord] = [only(rows[0] as Row, record), only(record, rows[0] as Row)];
  const spelt = await ask(
    calls,
    pathOf(subject, segment, id === id.toLowerCase() ? id.toUpperCase() : id.toLowerCase()),
  );
  return [
    found(
      about,
      'seen',
      inRow.length + inRecord.length === 0
        ? 'the same members'
        : `only in the row: ${inRow.join(', ') || 'none'}; only in the record: ${inRecord.join(', ') || 'none'}`,
    ),
    found(
      { id: `${name}.id-case`, statement: `case of ids of ${name}`, section: '§5' },
      'seen',
      `${/[A-F]/.test(id) ? 'upper' : 'lower'} case; another spelling is answered ${spelt.status}`,
    ),
  ];
}

interface WindowQuestion {
  readonly calls: CheckCalls;
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly rows: readonly Row[];
}

async function windowFindings({ calls, path, from, to, rows }: WindowQuestion): Promise<Finding[]> {
  const starts = rows.map((row) => timeOf(row, 'startDate')).filter((time) => time !== null);
  const about = (id: string, statement: string): Statement => ({ id: `appointment.${id}`, statement, section: '§4.1' });
  const outside = starts.filter((time) => time < from || time > to).length;
  const without = await ask(calls, path, windowQuery(from, to).split('&')[0]);
  const naive = await ask(calls, path, windowQuery(from, to).replaceAll('Z', ''));
  const offset = await ask(calls, path, windowQuery(from, to).replaceAll('Z', '%2B00:00'));
  const stale = await ask(calls, path, `${windowQuery(from, to)}&continuationToken=none`);
  const status = rows.filter((row) => row['status'] === 'Cancelled').length;
  return [
    found(
      about('window', 'what the window filters'),
      starts.length === 0 ? 'untested' : 'seen',
      starts.length === 0
        ? 'there are no appointments in it'
        : outside === 0
          ? 'the start: every row lies in it'
          : `${outside} rows start outside`,
      { contradicts: outside === 0 ? null : 'an appointment outside its window is taken to have moved' },
    ),
    found(
      about('order', 'order of the rows'),
      starts.length < 2 ? 'untested' : 'likely',
      inOrder(starts, (a, b) => a - b) ? 'by start' : 'not by start (the relay relies on none)',
    ),
    found(
      about('cancelled', 'whether cancelled ones are listed'),
      status > 0 ? 'seen' : 'untested',
      status > 0 ? 'yes' : 'none is in the window: cancel one by hand and try again',
    ),
    found(about('to', 'a window without its end'), 'seen', without.status === 200 ? 'allowed' : `${without.status}`),
    found(
      about('naive', 'dates without an offset'),
      'seen',
      naive.status === 400 ? '400, as documented' : `${naive.status}`,
    ),
    found(about('offset', 'dates with +00:00'), 'seen', `${offset.status}`, {
      contradicts: offset.status === 200 || offset.status >= 500 ? null : 'documented as allowed',
    }),
    found(about('stale', 'a continuation that is none'), 'seen', `${stale.status}`, {
      contradicts: stale.status === 400 || stale.status >= 500 ? null : 'an expired continuation is known by a 400',
    }),
    await edgeFinding(about('edges', 'whether the ends of a window belong to it'), { calls, path, rows }),
  ];
}

/** A window that ends, and one that begins, with the very start of an appointment. */
async function edgeFinding(
  about: Statement,
  { calls, path, rows }: Pick<WindowQuestion, 'calls' | 'path' | 'rows'>,
): Promise<Finding> {
  const start = timeOf(rows[0], 'startDate');
  const id = rows[0]?.['id'];
  if (start === null || typeof id !== 'string') return found(about, 'untested', 'there are no appointments in it');
  const holds = async (from: number, to: number): Promise<boolean> => {
    const { text, status } = await ask(calls, path, windowQuery(from, to));
    return status === 200 && text.toLowerCase().includes(id.toLowerCase());
  };
  const word = (isIn: boolean): string => (isIn ? 'belongs to it' : 'does not');
  const [asFrom, asTo] = [await holds(start, start + DAY), await holds(start - DAY, start)];
  return found(about, 'seen', `the first instant ${word(asFrom)}, the last ${word(asTo)}`, {
    contradicts: asFrom || asTo ? null : 'an appointment at the border of two windows would be in neither',
  });
}
