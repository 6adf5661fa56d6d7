import { createRequire } from 'node:module';
import { PATCHED_KAFKAJS } from './idle-timer-patch.js';
import type { KafkaLog } from './ports.js';

/** What the patch touches of kafkajs' broker (`src/broker/index.js`). */
interface Broker {
  connect: (this: Broker) => Promise<void>;
  disconnect: (this: Broker) => Promise<void>;
}
interface BrokerClass {
  prototype: Broker & { [PATCHED]?: true };
}

const PATCHED = Symbol('practice-relay.half-connection');

/**
 * kafkajs 2.2.4 takes a broker for connected as soon as the socket is, also when the first question over it (which versions
 * the broker speaks) was never answered: with a broker that hung at that moment every later request fails with "Broker not
 * connected", until the socket breaks, which may be never. A connection that did not come about whole is closed instead.
 * Returns false, and says so in the log, when kafkajs is another version.
 */
export function patchHalfConnections(
  log: KafkaLog,
  load: (path: string) => unknown = createRequire(import.meta.url),
): boolean {
  const { version } = load('kafkajs/package.json') as { version: string };
  if (version !== PATCHED_KAFKAJS) {
    log.warn(
      { version, expected: PATCHED_KAFKAJS },
      'kafkajs is another version: half connections are left as they are',
    );
    return false;
  }
  const { prototype } = load('kafkajs/src/broker') as BrokerClass;
  if (prototype[PATCHED] === true) return true;
  const { connect } = prototype;
  prototype.connect = async function (this: Broker): Promise<void> {
    try {
      await connect.call(this);
    } catch (error) {
      await this.disconnect();
      throw error;
    }
  };
  prototype[PATCHED] = true;
  return true;
}
