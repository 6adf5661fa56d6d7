import { found, type Finding } from '../finding.ts';
import { zoneOf, type Row } from './rows.ts';
import type { Survey } from './survey.ts';

/** What the two forms of a resource's records look like: ids, members, zones of times, links. */
export function formFindings(survey: Survey, host: string, provetId: number): Finding[] {
  const { resource, list, detail, answer } = survey;
  const { name } = resource;
  const reachable = { id: `${name}.reachable`, statement: `${name}: the list can be read`, section: '§9' };
  if (list === null) return [found(reachable, 'seen', ...refusalOf(survey))];
  const findings = [found(reachable, 'seen', `200, ${list.count ?? 'no count of'} records`)];
  if (list.rows.length === 0) {
    findings.push(
      found(
        { id: `${name}.rows`, statement: `${name}: what a record looks like`, section: '§7' },
        'untested',
        'it has no records here',
      ),
    );
    return findings;
  }
  findings.push(idFinding(survey, list.rows), linkFinding(name, list.rows, list.next, host, provetId));
  if (detail === null) {
    const why =
      resource.limits.read === null ? 'the catalogue knows no detail form' : 'the detail form could not be read';
    findings.push(found(membersOf(name), resource.limits.read === null ? 'seen' : 'untested', why));
  } else findings.push(memberFinding(name, list.rows, detail));
  findings.push(zoneFinding(name, [...list.rows, ...(detail === null ? [] : [detail])]));
  if (answer.headers['date'] === undefined) {
    const clock = {
      id: `${name}.date-header`,
      statement: `${name}: answers carry a Date header (the watermark's clock)`,
      section: '§6.6',
    };
    findings.push(
      found(clock, 'seen', 'no Date header: reconciles would read everything', {
        contradicts: `${name}: the watermark is taken from the Date header, and there is none`,
      }),
    );
  }
  return findings;
}

function refusalOf({ resource, answer }: Survey): [string, { contradicts?: string; settings?: string[] }] {
  const { name, permission } = resource;
  if (answer.status === 403) return [`403: ask for the permission "${permission ?? 'unknown'}"`, {}];
  if (answer.status === 404) {
    return [
      '404: not offered here',
      { contradicts: `PROVET_RESOURCES names ${name}, which this tenant does not offer: leave it out` },
    ];
  }
  if (answer.status === 200)
    return [
      '200, but not a page with results',
      { contradicts: `${name}: its list is not in the form {count, next, results}` },
    ];
  return [`http-${answer.status}`, {}];
}

function idFinding({ resource, detail }: Survey, rows: readonly Row[]): Finding {
  const { name } = resource;
  const share = (member: string): string => `${rows.filter((row) => row[member] !== undefined).length}/${rows.length}`;
  const kinds = [...new Set(rows.map((row) => typeof row['id']).filter((kind) => kind !== 'undefined'))].join(' or ');
  const inDetail = detail === null ? 'detail not read' : `detail ${detail['id'] === undefined ? 'without' : 'with'} id`;
  const about = { id: `${name}.id`, statement: `${name}: rows have "id"; all have "url"`, section: '§6.1' };
  const text = `list: id in ${share('id')}${kinds === '' ? '' : ` (${kinds})`}, url in ${share('url')}; ${inDetail}`;
  const nameless = rows.some((row) => row['id'] === undefined && typeof row['url'] !== 'string');
  return found(
    about,
    'seen',
    text,
    nameless ? { contradicts: `${name}: a row has neither id nor url, so it cannot be told which record it is` } : {},
  );
}

function linkFinding(name: string, rows: readonly Row[], next: string | null, host: string, provetId: number): Finding {
  const about = {
    id: `${name}.links`,
    statement: `${name}: "url" and "next" stay on the tenant's own host and path`,
    section: '§6.1',
  };
  const links = [...rows.map((row) => row['url']), next].filter((link): link is string => typeof link === 'string');
  const strange = links.filter((link) => {
    const url = URL.parse(link);
    return url?.host !== host || !url.pathname.startsWith(`/${provetId}/`);
  });
  if (links.length === 0) return found(about, 'untested', 'no address in the rows');
  if (strange.length === 0) return found(about, 'seen', `all ${links.length} do`);
  return found(about, 'seen', `${strange.length} of ${links.length} do not (the relay calls none of them)`);
}

const membersOf = (name: string) => ({
  id: `${name}.list-form`,
  statement: `${name}: the list form is complete`,
  section: '§6.1',
});

function memberFinding(name: string, rows: readonly Row[], detail: Row): Finding {
  const inList = new Set(rows.flatMap((row) => Object.keys(row)));
  const onlyDetail = Object.keys(detail).filter((member) => !inList.has(member));
  const onlyList = [...inList].filter((member) => !(member in detail));
  const text =
    onlyDetail.length === 0
      ? `yes, ${inList.size} members`
      : `no: ${onlyDetail.length} of ${Object.keys(detail).length} members are in the detail form only (${some(onlyDetail)})`;
  return found(
    membersOf(name),
    onlyDetail.length === 0 ? 'likely' : 'seen',
    onlyList.length === 0 ? text : `${text}; in the list only: ${some(onlyList)}`,
  );
}

function zoneFinding(name: string, rows: readonly Row[]): Finding {
  const zones = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const [member, value] of Object.entries(row)) {
      const zone = zoneOf(value);
      if (zone !== null) zones.set(member, (zones.get(member) ?? new Set()).add(zone));
    }
  }
  const text = [...zones].map(([member, seen]) => `${member} ${[...seen].sort().join('|')}`).join(', ');
  const about = { id: `${name}.zones`, statement: `${name}: how times are written`, section: '§6.5' };
  return zones.size === 0 ? found(about, 'untested', 'no member holds a time') : found(about, 'seen', text);
}

function some(names: readonly string[]): string {
  const shown = [...names].sort().slice(0, 6).join(', ');
  return names.length > 6 ? `${shown}, …` : shown;
}
