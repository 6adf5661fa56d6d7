import { found, type Finding } from '../finding.ts';
import { compareIds, inOrder, listOf, timeOf, type List, type Row } from './rows.ts';
import { readList, type Survey } from './survey.ts';
import type { ProvetSubject } from './subject.ts';

const MINUTE = 60_000;

/** Whether a resource honours what the relay asks of it, each answer held against its rows. */
export async function filterFindings(subject: ProvetSubject, survey: Survey): Promise<Finding[]> {
  const { resource, list } = survey;
  if (list === null || list.rows.length === 0) return [];
  const findings = [await idFinding(subject, survey, list)];
  if (resource.modifiedMember !== null)
    findings.push(...(await modifiedFindings(subject, survey, resource.modifiedMember)));
  if (resource.parent?.filter)
    findings.push(await parentFinding(subject, survey, resource.parent.filter, resource.parent.relation));
  return findings;
}

/** `ordering=id&id__gt=…`: how the relay pages. */
async function idFinding(subject: ProvetSubject, { resource }: Survey, list: List): Promise<Finding> {
  const { name } = resource;
  const about = {
    id: `${name}.id-paging`,
    statement: `${name}: "ordering=id" and "id__gt" are honoured`,
    section: '§6.3',
  };
  const idsOf = (rows: readonly Row[]): (string | null)[] => rows.map((row) => subject.connector.recordIdOf(row));
  const known = idsOf(list.rows)
    .filter((id): id is string => id !== null)
    .sort(compareIds);
  const middle = known[Math.floor((known.length - 1) / 2)];
  if (middle === undefined) return found(about, 'untested', 'no row has an id');
  const answer = await readList(
    subject,
    resource,
    `ordering=id&id__gt=${encodeURIComponent(middle)}&page_size=${resource.pageSize}`,
  );
  const page = listOf(answer);
  if (page === null) return found(about, 'untested', `http-${answer.status}`);
  const ids = idsOf(page.rows);
  const ordered = inOrder(ids, (a, b) => compareIds(a ?? '', b ?? ''));
  const above = ids.every((id) => id !== null && compareIds(id, middle) > 0);
  // Of one record that lies above nothing, or of none, nothing can be concluded.
  const confidence = known.length >= 2 && ids.length >= 1 ? 'seen' : 'likely';
  if (ordered && above) return found(about, confidence, 'both');
  const broken = [ordered ? null : 'the order', above ? null : 'id__gt'].filter((one) => one !== null).join(' and ');
  return found(about, 'seen', `${broken} ignored (the relay notices, and reads by page number)`);
}

async function modifiedFindings(
  subject: ProvetSubject,
  { resource, list }: Survey,
  member: string,
): Promise<Finding[]> {
  const { name } = resource;
  const order = {
    id: `${name}.newest-first`,
    statement: `${name}: "ordering=-${member}" is honoured`,
    section: '§6.3',
  };
  const filter = { id: `${name}.modified-filter`, statement: `${name}: "${member}__gte" is honoured`, section: '§6.6' };
  const newest = listOf(await readList(subject, resource, `ordering=-${member}&page_size=${resource.pageSize}`));
  const rows = newest?.rows ?? list?.rows ?? [];
  const times = rows.map((row) => timeOf(row, member));
  const known = times.filter((time) => time !== null);
  if (known.length < times.length) {
    const text = `${times.length - known.length} of ${times.length} rows do not say when they were changed`;
    return [
      found(order, 'untested', text),
      found(filter, 'untested', text, {
        contradicts: `${name}: the catalogue's delta field "${member}" is not in every row of the list`,
      }),
    ];
  }
  const spread = known.length > 1 && Math.max(...known) - Math.min(...known) >= 2 * MINUTE;
  const ordered = inOrder(known, (a, b) => b - a);
  const orderFinding =
    newest === null
      ? found(order, 'untested', 'the list could not be read in that order')
      : found(
          order,
          ordered && !spread ? 'likely' : 'seen',
          ordered ? 'yes' : 'no (the relay reads such a resource whole)',
        );
  if (!spread) return [orderFinding, found(filter, 'untested', 'all records were changed within two minutes')];
  const bound = Math.floor(Math.max(...known) / MINUTE) * MINUTE;
  const query = `${member}__gte=${subject.connector.filterTime(bound)}&ordering=id&page_size=${resource.pageSize}`;
  const answer = await readList(subject, resource, query);
  const page = listOf(answer);
  if (page === null) return [orderFinding, found(filter, 'untested', `http-${answer.status}`)];
  const below = page.rows.filter((row) => (timeOf(row, member) ?? 0) < bound).length;
  const lost = page.rows.length === 0;
  const verdict = lost
    ? found(filter, 'seen', 'no: the newest record does not come back', {
        contradicts: `${name}: ${member}__gte leaves out records that it should give`,
      })
    : found(
        filter,
        'seen',
        below === 0
          ? 'yes'
          : `no: ${below} of ${page.rows.length} rows are older (the relay notices, and reads newest first)`,
      );
  return [orderFinding, verdict];
}

/** The filter by which a parent's parts are read again. */
async function parentFinding(
  subject: ProvetSubject,
  { resource, list }: Survey,
  filter: string,
  relation: string,
): Promise<Finding> {
  const { name } = resource;
  const about = { id: `${name}.parent-filter`, statement: `${name}: "${filter}" is honoured`, section: '§6.6' };
  const parentId = (row: Row | undefined): string | null =>
    typeof row?.[relation] === 'string' ? subject.connector.recordIdOf({ url: row[relation] }) : null;
  const parents = [...new Set((list?.rows ?? []).map(parentId).filter((id) => id !== null))];
  const [wanted] = parents;
  if (wanted === undefined) return found(about, 'untested', `no row names its ${relation}`);
  const page = listOf(
    await readList(subject, resource, `${filter}=${encodeURIComponent(wanted)}&page_size=${resource.pageSize}`),
  );
  if (page === null) return found(about, 'untested', 'the list could not be read with it');
  const strange = page.rows.filter((row) => parentId(row) !== wanted).length;
  if (strange > 0)
    return found(
      about,
      'seen',
      `no: ${strange} of ${page.rows.length} rows are another's (the relay notices, and sweeps)`,
    );
  return found(about, parents.length > 1 ? 'seen' : 'likely', 'yes');
}
