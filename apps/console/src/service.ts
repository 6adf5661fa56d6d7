import { defineService } from '@relay/service-kit';
import type { FastifyInstance } from 'fastify';
import { settings } from './config.js';
import { ConsoleModule } from './console.module.js';
import { servePage } from './page/page-routes.js';
import { setSecurityHeaders } from './page/security-headers.js';

export const operatorConsole = defineService({
  name: 'console',
  settings,
  module: (config) => ConsoleModule.forRoot(config),
  http: {
    fastify: (config) => ({
      bodyLimit: 8 * 1024,
      trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    }),
    configure: async (app) => {
      await setSecurityHeaders(app);
      const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
      servePage(fastify);
    },
  },
});
