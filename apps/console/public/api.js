// The page's only way to the server. Every failure becomes a Failure with words that say what to do next.

export class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const UNREACHABLE = 'The console does not answer. Check that it is running; this page tries again by itself.';
const WORDS = {
  401: 'You are not signed in any more. Please sign in again.',
  403: 'Your token may not do this. Ask an administrator for a token with more rights.',
  429: 'Too many requests at once. Wait a moment and try again.',
  502: 'The tenant registry gave no usable answer. Check its log, then try again.',
  503: 'The tenant registry does not answer. Check that it is running, then try again.',
};

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Failure(UNREACHABLE, 0);
  }
  if (!response.ok)
    throw new Failure(WORDS[response.status] ?? `The console answered ${response.status}. Try again.`, response.status);
  return response.status === 204 ? null : response.json();
}

/** Whether this browser has a session; asked first, so that a page without one causes no failed request. */
export async function isSignedIn() {
  return (await call('GET', 'api/session')).signedIn;
}

export function signIn(token) {
  return call('POST', 'api/session', { token });
}

export function signOut() {
  return call('DELETE', 'api/session');
}

/** Open holds, oldest first. */
export function holds(limit) {
  return call('GET', `api/holds?limit=${limit}`);
}

export function tenants({ q, state, cursor, limit }) {
  const query = new URLSearchParams();
  if (q) query.set('q', q);
  if (state) query.set('state', state);
  if (cursor) query.set('cursor', cursor);
  query.set('limit', String(limit));
  return call('GET', `api/tenants?${query}`);
}
