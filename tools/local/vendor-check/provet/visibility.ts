import { found, type Finding } from '../finding.ts';
import { listOf, type List, type Row } from './rows.ts';
import { readList, readOne, type Survey } from './survey.ts';
import type { ProvetSubject } from './subject.ts';

/** Resources that are archived, and of which two can become one. */
const MERGEABLE = ['client', 'patient'];

/** Whether archived and merged records can still be read. */
export async function visibilityFindings(subject: ProvetSubject, surveys: readonly Survey[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const survey of surveys) {
    const { list, resource } = survey;
    if (!MERGEABLE.includes(resource.name) || list === null) continue;
    findings.push(await archivedFinding(subject, { ...survey, list }));
    if (resource.name === 'patient') findings.push(await mergedFinding(subject, survey));
  }
  return findings;
}

async function archivedFinding(
  subject: ProvetSubject,
  { resource, list }: Survey & { readonly list: List },
): Promise<Finding> {
  const { name } = resource;
  const about = { id: `${name}.archived`, statement: `${name}: archived records stay in the list`, section: '§6.6' };
  const archived = listOf(await readList(subject, resource, 'archived__is=true&page_size=1'));
  const without = listOf(await readList(subject, resource, 'include_archived=false&page_size=1'));
  const filtered =
    archived !== null && archived.rows.every((row) => row['archived'] === true) && archived.count !== list.count;
  if (archived === null || !filtered) return found(about, 'untested', 'the filter "archived__is" is not honoured');
  if (archived.count === 0)
    return found(about, 'untested', 'none is archived, or they are never listed: archive one by hand and check again');
  const parameter = without?.count === (list.count ?? 0) - (archived.count ?? 0) ? 'honoured' : 'ignored';
  return found(
    about,
    'seen',
    `yes, ${archived.count} of ${list.count ?? '?'}; "include_archived=false" is ${parameter}`,
  );
}

async function mergedFinding(subject: ProvetSubject, { resource, list, detail }: Survey): Promise<Finding> {
  const about = { id: 'patient.merged', statement: 'patient: a merged record can still be read', section: '§7.2' };
  const answer = await readList(subject, resource, 'merge_patient__is_null=false&page_size=1');
  const alias = listOf(answer)?.rows.find((row) => isLink(row['merge_patient']));
  if (alias !== undefined)
    return found(
      about,
      'seen',
      `yes: it stays in the list with "merge_patient"${alias['archived'] === true ? ', archived' : ''}`,
    );
  const rows: readonly Row[] = [...(list?.rows ?? []), ...(detail === null ? [] : [detail])];
  const merged = rows
    .flatMap((row) => (Array.isArray(row['merged_patient']) ? row['merged_patient'] : []))
    .find(isLink);
  const id = merged === undefined ? null : subject.connector.recordIdOf({ url: merged });
  if (id === null) return found(about, 'untested', 'no merged patient was seen: merge two by hand and check again');
  const { status } = await readOne(subject, resource, id);
  return found(about, 'seen', status === 200 ? 'yes, by its id' : `no: ${status}`);
}

function isLink(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
