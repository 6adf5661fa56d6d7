import type { Script, ScriptedAnswer } from '@relay/testing';

type Request = Parameters<Script>[0];
type Row = Readonly<Record<string, unknown>>;

const PRACTICE = '/v1/Practices/UKTEST1/';
const DAY = 86_400_000;

/** A vendor that does otherwise whatever its documents leave open. */
export function contraryVendor(usual: Script): Script {
  return (request, index) => {
    const answer = otherwise(request, usual(request, index));
    const headers = { ...answer.headers, 'x-ratelimit-remaining': '7', 'x-correlation-id': 'c-1' };
    return { ...answer, headers };
  };
}

function otherwise({ url: address, headers = {} }: Request, answer: ScriptedAnswer): ScriptedAnswer {
  const url = new URL(address);
  const path = url.pathname;
  if (path.startsWith('/.well-known/')) return refused(404);
  if (path === '/v1/Subscriptions/active') return { body: { items: ['uktest1'], continuationToken: null } };
  if (answer.status === 401) return refused(403);
  // Another spelling, an unknown practice, an unknown record.
  if (!path.startsWith(PRACTICE)) return answer.status === 200 ? refused(404) : details({});
  if (path.endsWith('/details')) return 'x-api-version' in headers ? refused(400) : details(memberOf(answer));
  const [segment = '', id] = path.slice(PRACTICE.length).split('/');
  if (id === undefined) return list(segment, url, answer);
  // Ids are written in upper case, and taken in no other.
  return answer.status === 200 && id === id.toUpperCase()
    ? { body: { ...memberOf(answer), id, invoice: null } }
    : refused(410);
}

const refused = (status: number): ScriptedAnswer => ({ status, body: 'no', headers: { 'content-type': 'text/plain' } });

function details(usual: Row): ScriptedAnswer {
  const about = { pmsVersion: '14.1', country: 'NZ', practiceTimezoneUtcOffsetMinutes: 780 };
  return { body: { ...usual, ...about, openingHours: 'always', locations: {}, updatedOn: '2026-11-26T12:00:00' } };
}

/** Everything in one page, in a wrapper, and yet with a continuation. */
function list(segment: string, { searchParams }: URL, answer: ScriptedAnswer): ScriptedAnswer {
  const [from, to] = ['from', 'to'].map((name) => searchParams.get(name));
  if (segment === 'Appointments') {
    if (searchParams.has('continuationToken')) return { body: [] };
    if (from?.endsWith('+00:00')) return refused(400);
    if (to === null || to === undefined) return answer.status === 200 ? refused(400) : { body: [] };
    if (!to.endsWith('Z')) return { body: [] };
    if (Date.parse(to) - Date.parse(from ?? '') <= DAY) return { body: [] };
  }
  const rows = (JSON.parse(String(answer.body)) as Row[]).map((row) => ({
    ...row,
    id: String(row['id']).toUpperCase(),
    ...('status' in row ? { status: 'Confirmed' } : {}),
  }));
  const odd = segment === 'Appointments' ? [{ ...rows[0], startDate: '2001-01-01T08:00:00Z' }] : [];
  return { body: { items: [...rows, ...odd], continuationToken: 'more' } };
}

function memberOf({ body }: ScriptedAnswer): Row {
  return (typeof body === 'string' ? JSON.parse(body) : (body ?? {})) as Row;
}
