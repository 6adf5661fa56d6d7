import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { WebhookTarget } from '../webhooks/webhook-target.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the webhook route's early check. */
    webhookTarget: WebhookTarget | null;
    /** The content type that was sent; taken off the headers so that the body reaches the handler as bytes. */
    sentType: string | undefined;
  }
}

/**
 * What a route decides before its body is read. A secret in the path must decide first: whoever does not know it learns
 * nothing about sizes and types, and makes the process read nothing.
 */
export interface EarlyCheck {
  /** The route as registered, e.g. `/hookup/provet/:secret`. */
  readonly route: string;
  readonly bodyLimit: number;
  /** Throws a `Problem` to refuse. Runs before the body is read. */
  check(request: FastifyRequest): void;
}

/** Ties the checks to their routes. To be called before routes are registered. */
export function installEarlyChecks(app: NestFastifyApplication, checks: readonly EarlyCheck[]): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('webhookTarget', null);
  fastify.decorateRequest('sentType', undefined);
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRoute', (route: RouteOptions) => {
    const found = checks.find((check) => check.route === route.url);
    if (found === undefined || route.method !== 'POST') return;
    route.bodyLimit = found.bodyLimit;
    route.onRequest = (request, _reply, done) => {
      try {
        request.sentType = request.headers['content-type'];
        found.check(request);
        // Without a declared type the parser for bytes is taken. The declared one is read by the handler: by then it is
        // known who asks, and a header that no parser understands must not decide about a webhook.
        delete request.raw.headers['content-type'];
        done();
      } catch (error) {
        done(error as Error);
      }
    };
  });
}

/** The body as bytes; empty when the request had none. */
export function bodyBytes(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
