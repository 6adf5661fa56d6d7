import { RelayKafka } from '#kafka';
import { controlTopicSpec, partitionOf } from '#contracts';
import { benchKafkaSettings } from '../kafka-settings.ts';

/*
 * The machine's own limit for durable messages: callers that each wait for the acknowledgement (acks=all) of one notice of
 * the usual size before they send the next, grouped by the same producer that the gateway uses, without HTTP.
 * Arguments: callers, seconds. Prints one JSON line with messages, seconds and CPU time.
 */
const [callers, seconds] = process.argv.slice(2).map(Number);
if (!callers || !seconds) throw new Error('callers and seconds are needed');
const settings = benchKafkaSettings(process.env['KAFKA_BROKERS'] ?? '', process.env['TOPIC_PREFIX'] ?? 'bench.');
const kafka = new RelayKafka({ service: 'gateway', settings, topics: [controlTopicSpec('notice.v1')] });
await kafka.topicsReady();
const producer = kafka.producer('control');
const value = JSON.stringify({
  noticeId: '01975e0c-8f7e-7b7c-9a55-1b2f6d5f4a10',
  tenantId: 'provet:127.0.0.1:3100:1001',
  trigger: 3,
  resource: 'consultation',
  recordId: '123456',
  receivedAt: new Date().toISOString(),
});

let sent = 0;
async function call(until: number, caller: number): Promise<void> {
  for (let turn = 0; Date.now() < until; turn++) {
    const key = `provet:127.0.0.1:3100:${1000 + ((caller + turn) % 200)}`;
    await producer.send({ topic: 'notice.v1', partition: partitionOf(key, kafka.partitions), key, value });
    sent += 1;
  }
}
async function run(forSeconds: number): Promise<void> {
  const until = Date.now() + forSeconds * 1000;
  await Promise.all(Array.from({ length: callers ?? 0 }, (_, caller) => call(until, caller)));
}

await run(2); // warm
sent = 0;
const cpu = process.cpuUsage();
const began = performance.now();
await run(seconds);
const tookSeconds = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
await kafka.close();
process.stdout.write(`${JSON.stringify({ sent, seconds: tookSeconds, cpuMs: (used.user + used.system) / 1000 })}\n`);
process.exit(0);
