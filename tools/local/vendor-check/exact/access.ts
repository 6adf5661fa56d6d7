import { found, type Finding } from '../finding.ts';
import { ask, bodyForm, pathOf, A_MINUTE, type ExactSubject } from './subject.ts';

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Token, identity server, subscriptions, and what refusals look like. */
export async function accessFindings(subject: ExactSubject): Promise<Finding[]> {
  return [
    lifetimeFinding(subject),
    await discoveryFinding(subject),
    await versionHeaderFinding(subject),
    ...(await subscriptionFindings(subject)),
    ...(await spellingFindings(subject)),
    ...(await errorFindings(subject)),
  ];
}

function lifetimeFinding({ token }: ExactSubject): Finding {
  const seconds = Math.round((token.expiresAt - token.publishedAt) / 1_000);
  return found(
    { id: 'token.lifetime', statement: 'how long a token lives', section: '§3' },
    'likely',
    `about ${seconds} s, reckoned from when token-broker published it`,
  );
}

async function discoveryFinding({ authority, configured }: ExactSubject): Promise<Finding> {
  const about = { id: 'discovery', statement: 'discovery document at the authority root', section: '§3' };
  const { status, json } = await authority.send({
    path: '.well-known/openid-configuration',
    token: 'none',
    limit: A_MINUTE,
    budget: 'authority',
  });
  const named = (json as { token_endpoint?: unknown } | null | undefined)?.token_endpoint;
  if (status !== 200 || typeof named !== 'string') return found(about, 'seen', `${status}: it names no token address`);
  const differs = configured.tokenUrl !== '' && configured.tokenUrl !== named;
  return found(about, 'seen', `token address ${named}`, {
    contradicts: differs ? `EXACT_TOKEN_URL is ${configured.tokenUrl}, the identity server names ${named}` : null,
  });
}

async function versionHeaderFinding(subject: ExactSubject): Promise<Finding> {
  const about = { id: 'header.x-api-version', statement: 'whether x-api-version is needed', section: '§3' };
  const plain = { path: pathOf(subject, 'details'), limit: A_MINUTE, budget: 'exact' };
  const without = await subject.base.send(plain);
  const withIt = await subject.base.send({ ...plain, headers: { 'x-api-version': '1.0' } });
  const same = without.status === withIt.status;
  return found(
    about,
    'seen',
    same ? 'not needed (the relay sends it)' : `without ${without.status}, with it ${withIt.status}`,
  );
}

async function subscriptionFindings({ base, practiceId, configured, connector }: ExactSubject): Promise<Finding[]> {
  const about = { id: 'subscriptions', statement: 'form of the subscription list; whether it is paged', section: '§5' };
  const answer = await ask(base, 'Subscriptions/active');
  const list = answer.status === 200 ? connector.readList(answer.text, answer.headers, configured) : null;
  if (list === null) {
    return [
      found(about, 'seen', `${answer.status}, ${bodyForm(answer)}`, {
        contradicts: 'the subscription list is not read: no practice would ever join',
      }),
    ];
  }
  const form = Array.isArray(answer.json) ? 'a bare array' : 'an object with a list';
  const names = { id: 'subscriptions.names', statement: 'it names the practice as it was registered', section: '§2' };
  const isNamed = list.items.includes(practiceId);
  const otherCase = list.items.find(
    (id) => typeof id === 'string' && id !== practiceId && id.toLowerCase() === practiceId.toLowerCase(),
  );
  return [
    found(about, 'seen', `${form} of ${list.items.length}${list.continuation === null ? '' : ', with more to come'}`),
    found(names, 'seen', isNamed ? 'yes' : `no${otherCase === undefined ? '' : ', but in another spelling'}`),
  ];
}

/** Whether paths and practice ids may be written otherwise. */
async function spellingFindings(subject: ExactSubject): Promise<Finding[]> {
  const { base, practiceId } = subject;
  const path = { id: 'path-case', statement: 'case of path segments', section: '§4' };
  const lower = await ask(base, `practices/${encodeURIComponent(practiceId)}/details`);
  const id = { id: 'practice-id-case', statement: 'case of practice ids', section: '§3' };
  const other = practiceId === practiceId.toLowerCase() ? practiceId.toUpperCase() : practiceId.toLowerCase();
  const findings = [found(path, 'seen', lower.status === 200 ? 'does not matter' : `matters (${lower.status})`)];
  if (other === practiceId) return [...findings, found(id, 'untested', 'its id has no letters')];
  const spelt = await ask(base, `Practices/${encodeURIComponent(other)}/details`);
  const text =
    spelt.status === 200 ? 'another spelling is answered too' : `another spelling is answered ${spelt.status}`;
  return [...findings, found(id, 'seen', `${text} (the relay keeps the vendor's)`)];
}

async function errorFindings(subject: ExactSubject): Promise<Finding[]> {
  const { base } = subject;
  const details = { path: pathOf(subject, 'details'), limit: A_MINUTE, budget: 'exact' };
  const wrong = await base.send({ ...details, token: 'wrong' });
  const without = await base.send({ ...details, token: 'none' });
  const unknown = await ask(base, pathOf({ practiceId: 'NO-SUCH-PRACTICE' }, 'details'));
  const findings = [
    refusal('error.401', 'a token that nobody issued', wrong, 401),
    refusal('error.401-without', 'no token', without, 401),
    found(
      { id: 'error.practice', statement: 'a practice that there is not', section: '§6' },
      'seen',
      `${unknown.status}, ${bodyForm(unknown)}`,
    ),
  ];
  const calls = subject.callsFor('appointment');
  const about = { id: 'error.404', statement: 'a record that there is not', section: '§6' };
  if (calls === null) return [...findings, found(about, 'untested', 'appointments may not be read')];
  const missing = await ask(calls, pathOf(subject, 'Appointments', NOBODY));
  const other = ![404, 403].includes(missing.status);
  return [
    ...findings,
    found(about, 'seen', `${missing.status}, ${bodyForm(missing)}`, {
      contradicts: other ? `a deletion is believed only of a 404; here it is ${missing.status}` : null,
    }),
  ];
}

function refusal(
  id: string,
  what: string,
  answer: Parameters<typeof bodyForm>[0] & { status: number },
  expected: number,
) {
  return found({ id, statement: `answer to ${what}`, section: '§6' }, 'seen', `${answer.status}, ${bodyForm(answer)}`, {
    contradicts:
      answer.status === expected
        ? null
        : `a refused token is answered ${answer.status}; the relay renews it on ${expected}`,
  });
}

/** Headers that speak of limits, or name a call. */
export function headerFindings(calls: readonly ExactSubject['base'][]): Finding[] {
  const names = [...new Set(calls.flatMap((one) => [...one.headerNames]))].sort();
  const of = (pattern: RegExp): string => names.filter((name) => pattern.test(name)).join(', ') || 'none';
  return [
    found(
      { id: 'headers.limits', statement: 'headers that tell of limits', section: '§7' },
      'seen',
      of(/rate-?limit|quota|remaining|retry-after/i),
    ),
    found(
      { id: 'headers.correlation', statement: 'headers that name a call', section: '§6' },
      'seen',
      of(/correlation|request-id|trace/i),
    ),
  ];
}
