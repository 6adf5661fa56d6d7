import type { logCreator } from 'kafkajs';
import type { KafkaLog } from './ports.js';

/**
 * kafkajs' own warnings and errors, as debug lines: it writes one for every failed attempt, while this lib says what
 * matters in its own words, once a change.
 */
export function kafkajsLog(log: KafkaLog): logCreator {
  return () => (entry) => {
    const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = entry.log;
    log.debug({ kafkajs: entry.namespace || 'client', ...plainMembers(fields) }, message);
  };
}

/** Plain members only: kafkajs puts whole error and payload objects into its lines. */
function plainMembers(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) kept[name] = value;
  }
  return kept;
}
