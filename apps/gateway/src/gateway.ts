import { defineService } from '@relay/service-kit';
import { settings } from './config.js';
import { installEarlyChecks } from './door/early-check.js';
import { GatewayModule } from './gateway.module.js';
import { HookupDoor } from './hookup/hookup-door.js';
import { WebhookDoor } from './webhooks/webhook-door.js';

/** Fastify answers 404 for longer path segments; a host, percent-encoded, can be longer than its default of 100. */
const MAX_PARAM_LENGTH = 1024;

/** The front door: takes registrations and webhooks in, and holds nothing that it could read or lose. */
export const gateway = defineService({
  name: 'gateway',
  settings,
  module: (config) => GatewayModule.forRoot(config),
  http: {
    fastify: (config) => ({
      routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
      trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    }),
    configure: (app) => installEarlyChecks(app, [app.get(HookupDoor), app.get(WebhookDoor)]),
  },
});
