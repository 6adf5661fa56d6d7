import { KafkaGroupServer, RelayKafka } from '@relay/kafka';
import { Health, Log, Metrics, defineService } from '@relay/service-kit';
import { readBackGroup } from '@relay/state-topic';
import { settings } from './config.js';
import { BrokerShards } from './shards/broker-shards.js';
import { TokenBrokerModule } from './token-broker.module.js';

/** The only holder of secrets: stores credentials, asks vendors for tokens, hands tokens out sealed. */
export const tokenBroker = defineService({
  name: 'token-broker',
  settings,
  module: (config) => TokenBrokerModule.forRoot(config),
  // The consent pages, reached through the gateway. A tenant id, percent-encoded, is longer than Fastify's default.
  http: { fastify: () => ({ routerOptions: { maxParamLength: 1024 } }) },
  strategies: (app) => {
    const common = {
      kafka: app.get(RelayKafka),
      log: app.get(Log),
      health: app.get(Health),
      metrics: app.get(Metrics),
    };
    return [
      new KafkaGroupServer({
        ...common,
        group: 'token-broker',
        topics: {
          'tenant.v1': { kind: 'table' },
          'withdrawal.v1': { kind: 'table' },
          'hookup.v1': { kind: 'queue' },
          'token-command.v1': { kind: 'queue' },
        },
        sharding: app.get(BrokerShards),
      }),
      new KafkaGroupServer({
        ...common,
        group: readBackGroup('token-broker'),
        topics: { 'credential.v1': { kind: 'queue' }, 'token.v1': { kind: 'queue' } },
      }),
    ];
  },
});
