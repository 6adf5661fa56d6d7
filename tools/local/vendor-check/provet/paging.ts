import { found, type Finding } from '../finding.ts';
import { spareOf } from '../check-calls.ts';
import { compareIds, inOrder, listOf, timeOf, type List, type Row } from './rows.ts';
import { readList, type Survey } from './survey.ts';
import type { ProvetSubject } from './subject.ts';

/** The largest page that the vendor documents. */
const LARGEST_PAGE = 1000;

/** Default page size and default order of one resource, from its list without any parameter. */
export function defaultFindings(subject: ProvetSubject, { resource, list }: Survey): Finding[] {
  if (list === null || list.rows.length === 0) return [];
  const { name, pageSize } = resource;
  const size = { id: `${name}.default-page-size`, statement: `${name}: default page size`, section: '§6.2' };
  const order = { id: `${name}.default-order`, statement: `${name}: default order`, section: '§6.3' };
  return [
    sizeFinding(size, name, pageSize, list),
    found(order, list.rows.length > 2 ? 'seen' : 'likely', orderOf(subject, resource.modifiedMember, list.rows)),
  ];
}

function sizeFinding(
  about: Parameters<typeof found>[0],
  name: string,
  reckoned: number,
  { rows, next }: List,
): Finding {
  if (next === null) {
    return rows.length > reckoned
      ? found(about, 'seen', `at least ${rows.length}, so a page costs less than the relay reckons`)
      : found(about, 'untested', `its ${rows.length} records fit on one page`);
  }
  if (rows.length >= reckoned) return found(about, 'seen', `${rows.length}`);
  const contradicts = `${name}: the relay reckons ${reckoned} rows as one request, but ${rows.length} are: its pages cost more than planned`;
  return found(about, 'seen', `${rows.length}`, { contradicts });
}

function orderOf(subject: ProvetSubject, modified: string | null, rows: readonly Row[]): string {
  const ids = rows.map((row) => subject.connector.recordIdOf(row) ?? '');
  if (inOrder(ids, compareIds)) return 'id';
  if (inOrder(ids, (a, b) => compareIds(b, a))) return '-id';
  const times = modified === null ? [] : rows.map((row) => timeOf(row, modified) ?? 0);
  if (times.length > 0 && inOrder(times, (a, b) => a - b)) return modified ?? '';
  if (times.length > 0 && inOrder(times, (a, b) => b - a)) return `-${modified}`;
  return 'none that can be recognised (the relay always asks for one)';
}

/** The largest page, and what comes behind the last one. Asked of one resource only: a large page weighs as many small ones. */
export async function pageFindings(
  subject: ProvetSubject,
  survey: Survey & { readonly list: List },
): Promise<Finding[]> {
  const { resource, list } = survey;
  const { name, pageSize, limits } = resource;
  const about = { id: 'largest-page', statement: `largest page (asked of ${name})`, section: '§6.2' };
  const findings: Finding[] = [];
  const weight = Math.ceil((LARGEST_PAGE + 1) / pageSize);
  if (list.count !== null && list.count <= LARGEST_PAGE) {
    findings.push(found(about, 'untested', `${list.count} records are too few; the relay asks for 100 rows at most`));
  } else if (weight > spareOf(limits.list, subject.share)) {
    findings.push(found(about, 'untested', `such a page costs ${weight} requests, more than the relay leaves free`));
  } else {
    const page = listOf(await readList(subject, resource, `ordering=id&page_size=${LARGEST_PAGE + 1}`, weight));
    findings.push(
      page === null
        ? found(about, 'untested', 'not answered by a page')
        : found(about, 'seen', `${page.rows.length} rows`),
    );
  }
  const beyond = { id: 'page-beyond', statement: `the page behind the last one (asked of ${name})`, section: '§6.2' };
  const last = list.pages ?? Math.ceil((list.count ?? 0) / pageSize);
  const answer = await readList(subject, resource, `page=${last + 1}`);
  const text =
    answer.status === 404
      ? '404, which ends a reading by page number'
      : answer.status === 200
        ? `200 with ${listOf(answer)?.rows.length ?? 0} rows`
        : `http-${answer.status}`;
  findings.push(found(beyond, 'seen', text));
  return findings;
}

/** A filter that no endpoint declares: ignored without a word, or refused. */
export async function undeclaredFinding(
  subject: ProvetSubject,
  { resource, list }: Survey & { readonly list: List },
): Promise<Finding> {
  const about = {
    id: 'undeclared-filter',
    statement: `an undeclared filter is silently ignored (asked of ${resource.name})`,
    section: '§6.3',
  };
  const answer = await readList(subject, resource, `no_such_member__is=1&page_size=1`);
  if (answer.status === 400) return found(about, 'seen', 'no: refused with 400');
  const page = listOf(answer);
  if (page === null) return found(about, 'untested', `http-${answer.status}`);
  return found(
    about,
    'seen',
    page.count === list.count
      ? 'yes: everything comes back'
      : `no: ${page.count ?? 'other'} of ${list.count ?? '?'} records come back`,
  );
}
