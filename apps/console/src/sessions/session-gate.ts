import { Injectable } from '@nestjs/common';
import { Problem } from '@relay/service-kit';
import { sessionIdOf } from './session-cookie.js';
import { Sessions, type Session } from './sessions.js';

export interface SessionRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>> & { readonly cookie?: string | undefined };
}

/** Finds out whose session a request belongs to. */
@Injectable()
export class SessionGate {
  constructor(private readonly sessions: Sessions) {}

  /** The session of a request. Throws 401 when there is none. */
  enter(request: SessionRequest): Session {
    const session = this.find(request);
    if (session === null) throw new Problem(401, { code: 'unauthorized', detail: 'sign in first' });
    return session;
  }

  find(request: SessionRequest): Session | null {
    const id = sessionIdOf(request.headers.cookie);
    return id === null ? null : this.sessions.find(id, Date.now());
  }

  /** Ends the session of a request, if it has one. */
  end(request: SessionRequest): void {
    const id = sessionIdOf(request.headers.cookie);
    if (id !== null) this.sessions.close(id);
  }
}
