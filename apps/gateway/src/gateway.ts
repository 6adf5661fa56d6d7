import { defineService } from '@relay/service-kit';
import { settings } from './config.js';
import { installEarlyChecks } from './door/early-check.js';
import { GatewayModule } from './gateway.module.js';
import { HookupDoor } from './hookup/hookup-door.js';
import { WebhookDoor } from './webhooks/webhook-door.js';

/** Fastify answers 404 for longer path segments; a host, percent-encoded, can be longer than its default of 100. */
const MAX_PARAM_LENGTH = 1024;

/** Whoever needs longer for a few kilobytes ties up a connection on purpose. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Request line and all headers: room for long addresses and forwarding headers, not for more. */
const MOST_HEADER_BYTES = 16 * 1024;

/** What bounds a request before any route is known: Node looks every 30 s by default, which bounds little. */
const SERVER_LIMITS = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  http: {
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: MOST_HEADER_BYTES,
  },
};

/** The front door: takes registrations and webhooks in, and holds nothing that it could read or lose. */
export const gateway = defineService({
  name: 'gateway',
  settings,
  module: (config) => GatewayModule.forRoot(config),
  http: {
    fastify: (config) => ({
      ...SERVER_LIMITS,
      routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
      trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    }),
    configure: (app) => installEarlyChecks(app, [app.get(HookupDoor), app.get(WebhookDoor)]),
  },
});
