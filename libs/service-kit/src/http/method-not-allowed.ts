import type { FastifyInstance, RouteOptions } from 'fastify';
import { PROBLEM_TYPE, problemBody } from './problem.js';
import { routeTemplate } from './route-template.js';

/** True when a request for `path` is also matched by `template`: each segment equal or a parameter, or all after a `*`. */
function covers(template: string, path: string): boolean {
  if (template.endsWith('*')) return path.startsWith(template.slice(0, -1));
  const [a, b] = [template.split('/'), path.split('/')];
  return a.length === b.length && a.every((segment, at) => segment.startsWith(':') || segment === b[at]);
}

/** Answers 405 with `Allow` where the path is known but not with that method; Fastify alone would say 404. */
export class MethodNotAllowed {
  private readonly methods = new Map<string, Set<string>>();

  /** Notes every route from now on, so create it before routes are registered. */
  constructor(private readonly fastify: FastifyInstance) {
    fastify.addHook('onRoute', (route: RouteOptions) => {
      const known = this.methods.get(route.url) ?? new Set<string>();
      for (const method of [route.method].flat()) known.add(method.toUpperCase());
      this.methods.set(route.url, known);
    });
  }

  /** Adds the refusing routes. Call it once all routes are known and before the port opens. */
  register(): void {
    const routes = [...this.methods].map(([url, methods]) => [url, new Set(methods)] as const);
    for (const [url, methods] of routes) {
      if (url.includes('*')) continue;
      const allow = [...methods].sort().join(', ');
      const refused = this.fastify.supportedMethods.filter(
        (method) => !routes.some(([other, having]) => having.has(method) && covers(other, url)),
      );
      if (refused.length > 0) this.refuse(url, refused, allow);
    }
  }

  private refuse(url: string, methods: string[], allow: string): void {
    this.fastify.route({
      url,
      method: methods,
      // Before the body is read: its size or type must not decide the answer.
      onRequest: (request, reply) => {
        const body = problemBody(405, {}, routeTemplate(request));
        void reply.code(405).header('allow', allow).type(PROBLEM_TYPE).send(JSON.stringify(body));
      },
      handler: () => undefined,
    });
  }
}
