import type { CheckAnswer } from '../check-calls.ts';
import { found, type Finding } from '../finding.ts';
import { shapeOf } from './rows.ts';
import { readList, readOne, type Survey } from './survey.ts';
import type { ProvetSubject } from './subject.ts';

/** An id that no record has. */
const NO_RECORD = '999999999999';
/** A resource that the default group of permissions does not reach, for seeing a 403 where nothing else gave one. */
const USUALLY_FORBIDDEN = 'settings/organization/';

/** What refusals look like. A 429 is described only if one came by itself: none is provoked. */
export async function errorFindings(subject: ProvetSubject, survey: Survey | null): Promise<Finding[]> {
  const { calls } = subject;
  const plain = { path: 'department/', limit: 300, budget: 'list department' };
  const findings = [
    described('error.401', '401 for a token that nobody issued', await calls.send({ ...plain, token: 'wrong' }), 401),
    described('error.401-without', '401 without a token', await calls.send({ ...plain, token: 'none' }), 401),
    slashFinding(await calls.send({ ...plain, path: 'department' })),
  ];
  if (survey !== null) {
    const missing = await readOne(subject, survey.resource, NO_RECORD);
    findings.push(notFoundFinding(missing), badValueFinding(survey, await badValue(subject, survey)));
  }
  if (calls.refused === null) await calls.send({ path: USUALLY_FORBIDDEN, limit: 100, budget: 'list settings' });
  const forbidden = { id: 'error.403', statement: 'body of a 403', section: '§6.7' };
  findings.push(
    calls.refused === null
      ? found(forbidden, 'untested', 'nothing was refused: this tenant permits all that was asked')
      : found(forbidden, 'seen', `${bodyOf(calls.refused.answer)} (on ${calls.refused.path})`),
  );
  if (calls.throttled !== null) {
    const limit = { id: 'error.429', statement: 'body and headers of a 429', section: '§6.8' };
    const after = calls.throttled.headers['retry-after'] ?? 'missing';
    findings.push(found(limit, 'seen', `${bodyOf(calls.throttled)}, Retry-After ${after}`));
  }
  return findings;
}

function described(id: string, statement: string, answer: CheckAnswer, expected: number): Finding {
  const about = { id, statement, section: '§6.7' };
  const text = `${answer.status} ${bodyOf(answer)}`;
  if (answer.status === expected) return found(about, 'seen', text);
  return found(about, 'seen', text, {
    contradicts: `a refused token is answered ${answer.status}, and the relay asks for a new one only on ${expected}`,
  });
}

function slashFinding(answer: CheckAnswer): Finding {
  const about = { id: 'slash', statement: 'a GET without its trailing slash', section: '§6.1' };
  const location = answer.headers['location'];
  return found(
    about,
    'seen',
    location === undefined
      ? `${answer.status}`
      : `${answer.status} to ${location.endsWith('/') ? 'the same path with a slash' : 'another path'} (the relay always sends it)`,
  );
}

function notFoundFinding(answer: CheckAnswer): Finding {
  const about = { id: 'error.404', statement: 'body of a 404 for a record', section: '§6.7' };
  const apiShaped =
    answer.status === 404 && typeof (answer.json as { detail?: unknown } | null | undefined)?.detail === 'string';
  const text = `${answer.status} ${bodyOf(answer)}`;
  return apiShaped
    ? found(about, 'seen', text)
    : found(about, 'seen', text, {
        contradicts: 'a deletion is believed only of a 404 with a "detail": none would ever be',
      });
}

async function badValue(subject: ProvetSubject, { resource }: Survey): Promise<CheckAnswer> {
  return readList(subject, resource, `${resource.modifiedMember ?? 'id'}__gte=no-value&page_size=1`);
}

function badValueFinding({ resource }: Survey, answer: CheckAnswer): Finding {
  const about = {
    id: 'error.400',
    statement: `a filter's value that cannot be read (asked of ${resource.name})`,
    section: '§6.7',
  };
  return found(about, 'seen', answer.status === 200 ? '200: ignored' : `${answer.status} ${bodyOf(answer)}`);
}

function bodyOf({ json, headers }: CheckAnswer): string {
  return json === undefined ? `a body of ${headers['content-type'] ?? 'no type'}` : shapeOf(json, 2);
}

/** Headers that speak of limits; none is documented. */
export function limitHeaderFinding({ calls }: ProvetSubject): Finding {
  const about = { id: 'limit-headers', statement: 'headers that tell how much of a limit is left', section: '§6.8' };
  const names = [...calls.headerNames].filter((name) => /rate-?limit|quota|remaining/i.test(name)).sort();
  return found(about, 'seen', names.length === 0 ? 'none' : names.join(', '));
}
