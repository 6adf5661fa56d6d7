import type { TwinReply, TwinRequest } from '@relay/vendor-twins';
import type { Script } from './scripted-http.js';

/** Lets a vendor's twin answer a `ScriptedHttp`: a connector and a whole vendor in one process, without sockets. */
export function twinScript(twin: { handle(request: TwinRequest): TwinReply }): Script {
  return (request) => {
    const url = new URL(request.url);
    const reply = twin.handle({
      method: request.method,
      url: `${url.pathname}${url.search}`,
      headers: { ...request.headers },
      body: request.body ?? '',
    });
    switch (reply.kind) {
      case 'response': {
        const headers = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), value]);
        return {
          status: reply.status,
          headers: Object.fromEntries(headers) as Record<string, string>,
          body: reply.body,
          delayMs: reply.delayMs,
        };
      }
      case 'reset':
        return { fault: 'reset', delayMs: reply.delayMs };
      case 'hang':
        return { fault: 'timeout' };
      default:
        return reply satisfies never;
    }
  };
}
