import { setTimeout as delay } from 'node:timers/promises';
import { parseEventsOptions, recordTopics, type EventsOptions } from './events/options.ts';
import { renderJson, renderLine, tenantOf } from './events/render.ts';
import { isBuilt } from './services.ts';
import { stopRequest } from './stop-request.ts';
import { StopWithMessage, runCommand, tell } from './stop-with-message.ts';
import { need, readSurroundings } from './surroundings.ts';

/** Topics appear when a service enables a resource; new ones are looked for at this pace. */
const LOOK_AGAIN_MS = 3_000;

/** `npm run events`: tails the record topics until it is stopped. */
await runCommand(async () => {
  const options = parseEventsOptions(process.argv.slice(2));
  const asked = stopRequest();
  // A reader like `head` that has seen enough closes the pipe.
  const closed = new Promise<string>((resolve) => process.stdout.once('error', () => resolve('nobody reads')));
  const kafka = await connect();
  const ended = Promise.race([asked, closed]);
  await Promise.race([follow(kafka, options), ended]);
  await Promise.race([kafka.close(), delay(3_000)]);
  return 0;
});
process.exit();

type RelayKafka = import('#kafka').RelayKafka;

async function connect(): Promise<RelayKafka> {
  if (!isBuilt('gateway')) throw new StopWithMessage('not-built', 'Nothing is built: run `npm run build` first.');
  const surroundings = readSurroundings();
  const { commonSettings, readConfig } = await import('#service-kit');
  const { RelayKafka } = await import('#kafka');
  const brokers = need(surroundings.kafkaBrokers, 'KAFKA_BROKERS');
  const env = { ...process.env, KAFKA_BROKERS: brokers, TOPIC_PREFIX: surroundings.topicPrefix };
  for (const name of ['KAFKA_BROKERS_FILE', 'TOPIC_PREFIX_FILE']) delete (env as NodeJS.ProcessEnv)[name];
  return new RelayKafka({ service: 'console', settings: readConfig(commonSettings, { env }), topics: [] });
}

/** Opens a reader for every record topic, and for those that come later. Those are read from their beginning. */
async function follow(kafka: RelayKafka, options: EventsOptions): Promise<never> {
  const read = new Set<string>();
  for (let first = true; ; first = false) {
    const topics = recordTopics(await listTopics(kafka), options.resource).filter((topic) => !read.has(topic));
    for (const topic of topics) read.add(topic);
    if (topics.length > 0) openReader(kafka, topics, options, options.fromBeginning || !first);
    if (first) {
      tell(
        topics.length > 0
          ? `Reading ${topics.join(', ')}; Ctrl-C ends it.`
          : 'There are no record topics yet; waiting.',
      );
    }
    await delay(LOOK_AGAIN_MS);
  }
}

async function listTopics(kafka: RelayKafka): Promise<string[]> {
  try {
    return await kafka.listTopics();
  } catch (error) {
    throw new StopWithMessage(
      'no-kafka',
      `Kafka does not answer: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function openReader(kafka: RelayKafka, topics: string[], options: EventsOptions, fromBeginning: boolean): void {
  kafka.tableReader({
    topics,
    from: fromBeginning ? 'beginning' : 'end',
    onBatch({ topic, messages }) {
      for (const { key, headers, partition, offset, rawValue } of messages) {
        // Markers are no events (docs/CONTRACT.md §5).
        if (key.startsWith('~')) continue;
        const event = {
          topic: kafka.name(topic),
          partition,
          offset,
          key,
          headers,
          value: rawValue?.toString('utf8') ?? null,
        };
        if (options.tenant !== null && tenantOf(event) !== options.tenant) continue;
        process.stdout.write(`${options.json ? renderJson(event) : renderLine(event)}\n`);
      }
    },
  });
}
