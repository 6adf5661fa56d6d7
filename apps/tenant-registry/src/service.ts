import type { FastifyInstance } from 'fastify';
import { KafkaGroupServer, RelayKafka } from '@relay/kafka';
import { Health, Log, Metrics, defineService } from '@relay/service-kit';
import { settings } from './config.js';
import { openApiOf } from './open-api.js';
import { READ_BACK_GROUP } from './publishing/read-back.consumer.js';
import { RegistryModule } from './registry.module.js';
import { requestValidation } from './requests/invalid-request.js';

const queue = { kind: 'queue' } as const;

export const tenantRegistry = defineService({
  name: 'tenant-registry',
  settings,
  module: (config) => RegistryModule.forRoot(config),
  http: {
    // Fastify's router refuses longer parameters with 404; a percent-encoded tenant id may be longer than its default.
    fastify: () => ({ routerOptions: { maxParamLength: 1024 }, bodyLimit: 64 * 1024 }),
    configure: (app) => {
      app.useGlobalPipes(requestValidation());
      const document = JSON.stringify(openApiOf(app));
      const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
      fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send(document));
    },
  },
  strategies: (app) => {
    const shared = {
      kafka: app.get(RelayKafka),
      log: app.get(Log),
      health: app.get(Health),
      metrics: app.get(Metrics),
    };
    return [
      new KafkaGroupServer({
        ...shared,
        group: 'tenant-registry',
        topics: {
          'hookup.v1': queue,
          'held-hookup.v1': queue,
          'credential.v1': queue,
          'subscription-list.v1': queue,
          'practice-details.v1': queue,
          'sync-status.v1': queue,
          'audit.v1': queue,
          'sync-reply.v1': queue,
        },
      }),
      new KafkaGroupServer({ ...shared, group: READ_BACK_GROUP, topics: { 'tenant.v1': queue } }),
    ];
  },
});
