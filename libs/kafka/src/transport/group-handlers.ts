import { BaseRpcContext } from '@nestjs/microservices';
import type { Received } from '../messages.js';

export interface KafkaContextInfo {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number | null;
  readonly signal: AbortSignal;
  /** The first message of the call; the only one for handlers that take single messages. */
  readonly message: Received<unknown>;
}

/** What a handler can ask of `@Ctx()`. */
export class KafkaContext extends BaseRpcContext<[KafkaContextInfo]> {
  get info(): KafkaContextInfo {
    return this.args[0];
  }
}

/**
 * Binds a handler to one group, for topics that several groups of a service read:
 * `@EventPattern<string>('tenant.v1', groupTransport('tenant-registry'), { batch: true })`.
 */
export function groupTransport(group: string): symbol {
  return Symbol.for(`practice-relay.kafka.${group}`);
}
