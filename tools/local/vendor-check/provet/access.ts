import { found, type Finding } from '../finding.ts';
import { rowOf, shapeOf } from './rows.ts';
import type { ProvetSubject, TokenFacts } from './subject.ts';

/** What the tenant lets us do at all: root, permissions, token, discovery, the framework's own description. */
export async function accessFindings(subject: ProvetSubject): Promise<Finding[]> {
  return [
    ...tokenFindings(subject.token),
    await discoveryFinding(subject),
    await rootFinding(subject),
    await frameworkFinding(subject),
    await permissionFinding(subject),
  ];
}

/** Life and form of the token. Nothing of it is shown but names. */
export function tokenFindings({ text, expiresAt, publishedAt }: TokenFacts): Finding[] {
  const hours = (expiresAt - publishedAt) / 3_600_000;
  const life = hours >= 1 ? `${hours.toFixed(1)} hours` : `${Math.round(hours * 60)} minutes`;
  return [
    found(
      { id: 'token.life', statement: 'life of an access token', section: '§4' },
      'likely',
      `${life} from its publication on (the relay renews by expires_in)`,
    ),
    found({ id: 'token.form', statement: 'form of an access token', section: '§4' }, 'seen', formOf(text)),
  ];
}

function formOf(token: string): string {
  const parts = token.split('.');
  const header = parts.length === 3 ? decoded(parts[0] as string) : null;
  if (header !== null && typeof header['alg'] === 'string') {
    return `JWT signed with ${header['alg']}, claims ${
      Object.keys(decoded(parts[1] as string) ?? {})
        .sort()
        .join(', ') || 'unreadable'
    } (the relay treats it as opaque)`;
  }
  return `opaque, ${token.length} characters`;
}

function decoded(part: string): Readonly<Record<string, unknown>> | null {
  try {
    return rowOf(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
}

async function discoveryFinding({ calls }: ProvetSubject): Promise<Finding> {
  const about = {
    id: 'openid-discovery',
    statement: 'discovery at oauth2/.well-known/openid-configuration',
    section: '§4',
  };
  const answer = await calls.send({
    path: 'oauth2/.well-known/openid-configuration',
    outside: true,
    token: 'none',
    limit: 100,
    budget: 'discovery',
  });
  const issuer = rowOf(answer.json)?.['issuer'];
  return found(
    about,
    'seen',
    answer.status === 200 && typeof issuer === 'string'
      ? '200, with an issuer'
      : `${answer.status}: not there (the relay uses the address of the registration)`,
  );
}

async function rootFinding(subject: ProvetSubject): Promise<Finding> {
  const about = { id: 'root', statement: 'the API root names every enabled resource', section: '§1' };
  const answer = await subject.calls.send({ path: '', limit: 100, budget: 'root' });
  const names = rowOf(answer.json);
  if (answer.status !== 200 || names === null) return found(about, 'untested', `http-${answer.status}`);
  const missing = subject.resources.filter(
    ({ path }) =>
      !(path in names) && !Object.values(names).some((url) => typeof url === 'string' && url.endsWith(`/${path}/`)),
  );
  const text = `${Object.keys(names).length} names`;
  return found(
    about,
    'seen',
    missing.length === 0
      ? `${text}, all enabled ones among them`
      : `${text}, without ${missing.map(({ name }) => name).join(', ')}`,
  );
}

async function frameworkFinding({ calls, resources }: ProvetSubject): Promise<Finding> {
  const about = {
    id: 'framework',
    statement: 'lists describe themselves by OPTIONS (Django REST Framework)',
    section: '§1',
  };
  const path = `${resources[0]?.path ?? 'department'}/`;
  const answer = await calls.send({ path, method: 'OPTIONS', limit: 100, budget: `options ${path}` });
  const body = rowOf(answer.json);
  if (answer.status !== 200 || body === null) return found(about, 'seen', `no: ${answer.status}`);
  const filters = body['filters'];
  const listed = Array.isArray(filters)
    ? `; filters of ${path}: ${filters.slice(0, 12).join(', ')}${filters.length > 12 ? ', …' : ''}`
    : '';
  return found(
    about,
    'seen',
    `${'renders' in body && 'parses' in body ? 'yes' : 'partly'}: ${Object.keys(body).join(', ')}${listed}`,
  );
}

async function permissionFinding({ calls }: ProvetSubject): Promise<Finding> {
  const about = {
    id: 'active-permissions',
    statement: '/user/current/active_permissions/ tells our permissions',
    section: '§9',
  };
  const answer = await calls.send({ path: 'user/current/active_permissions/', limit: 100, budget: 'permissions' });
  if (answer.status === 403)
    return found(about, 'seen', 'no: 403, it needs "Profile: User profile page" itself (each list is asked instead)');
  if (answer.status !== 200) return found(about, 'seen', `no: ${answer.status}`);
  return found(about, 'seen', `yes: ${shapeOf(answer.json, 2)}`);
}
