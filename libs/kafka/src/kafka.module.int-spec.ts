import { Catch, Controller, Global, Module, type ArgumentsHost, type RpcExceptionFilter } from '@nestjs/common';
import { Ctx, EventPattern, Payload, type MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Health, Log, Metrics } from '@relay/service-kit';
import { testKafka, until } from '@relay/testing';
import { throwError, type Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { RetryLater } from './errors.js';
import { KafkaModule } from './kafka.module.js';
import type { Received, ReceivedBatch } from './messages.js';
import { RelayKafka } from './relay-kafka.js';
import { scratchTopic, testLog } from './test-support/started-kafka.js';
import { KafkaContext, groupTransport } from './transport/group-handlers.js';
import { KafkaGroupServer } from './transport/kafka-group-server.js';

const seen = new Set<string>();
let failures = 1;

@Controller()
class Handlers {
  @EventPattern<string>('single.v1')
  onSingle(@Payload() message: Received<unknown>, @Ctx() context: KafkaContext): void {
    if (failures-- > 0) throw new RetryLater('not yet', 10);
    seen.add(`single ${message.key} ${context.info.topic}`);
  }

  @EventPattern<string>('both.v1', groupTransport('first'), { batch: true })
  async onFirst(@Payload() batch: ReceivedBatch<unknown>): Promise<void> {
    for (const { key } of batch.messages) seen.add(`first ${key}`);
  }

  @EventPattern<string>('both.v1', groupTransport('second'), { batch: true })
  async onSecond(@Payload() batch: ReceivedBatch<unknown>): Promise<void> {
    for (const { key } of batch.messages) seen.add(`second ${key}`);
  }
}

@Catch()
class Rethrow implements RpcExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}

it('runs in Nest: module, controllers, errors of handlers, groups that share a topic', async (scope) => {
  const { settings } = await testKafka(scope);
  const health = new Health();
  @Global()
  @Module({
    providers: [
      { provide: Log, useValue: testLog },
      { provide: Health, useValue: health },
      { provide: Metrics, useValue: new Metrics() },
    ],
    exports: [Log, Health, Metrics],
  })
  class Surroundings {}

  const module = await Test.createTestingModule({
    imports: [
      Surroundings,
      KafkaModule.forRoot({
        service: 'gateway',
        settings,
        topics: ['single.v1', 'both.v1'].map((t) => scratchTopic(t)),
      }),
    ],
    controllers: [Handlers],
  }).compile();
  const app = module.createNestApplication(new FastifyAdapter());
  scope.onTestFinished(() => app.close());
  const kafka = app.get(RelayKafka);
  const options = { kafka, log: testLog, health };
  for (const strategy of [
    new KafkaGroupServer({
      ...options,
      group: 'first',
      topics: { 'single.v1': { kind: 'queue' }, 'both.v1': { kind: 'queue' } },
    }),
    new KafkaGroupServer({ ...options, group: 'second', topics: { 'both.v1': { kind: 'queue' } } }),
  ]) {
    const microservice = app.connectMicroservice<MicroserviceOptions>({ strategy }, { deferInitialization: true });
    microservice.useGlobalFilters(new Rethrow());
  }
  await app.init();
  await app.startAllMicroservices();
  await kafka.topicsReady();
  await kafka.producer('control').sendMany([
    { topic: 'single.v1', key: 'a', value: '1' },
    { topic: 'both.v1', key: 'b', value: '1' },
  ]);
  // A control message may lie in the log twice.
  await until('all handlers have run', () => seen.size >= 3);
  expect(seen).toEqual(new Set(['single a single.v1', 'first b', 'second b']));
  const { status, checks } = await until('the service is ready', async () => {
    const report = await health.ready();
    return report.status === 'up' && report;
  });
  expect(status).toBe('up');
  expect(Object.keys(checks)).toEqual(expect.arrayContaining(['topics', 'kafka', 'consumer:first', 'consumer:second']));
});
