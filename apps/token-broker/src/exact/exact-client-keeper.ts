import { partitionOf } from '@relay/contracts';
import type { RegisterCredential } from '../credentials/register-credential.js';
import type { Vault } from '../persistence/vault.js';
import type { Outbox } from '../publishing/outbox.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';
import { exactConnection, type ExactClientSettings } from './exact-client.js';

export interface ExactKeeperOptions {
  readonly settings: ExactClientSettings;
  readonly partitions: number;
  readonly shards: HeldShards;
  readonly vault: Vault;
  readonly register: RegisterCredential;
  readonly outbox: Outbox;
}

/**
 * The integrator's EXACT client stands in this service's own environment. Whoever takes its shard registers it: a changed
 * secret, client or scope set becomes a candidate like any other, the same one is a no-op.
 */
export class ExactClientKeeper {
  constructor(private readonly options: ExactKeeperOptions) {}

  async shardTaken(held: HeldShard): Promise<void> {
    const { settings, partitions, shards, vault, register, outbox } = this.options;
    const now = Date.now();
    const client = exactConnection(settings, now);
    if (client === null || partitionOf(client.tenantId, partitions) !== held.shard) return;
    const messages = await shards.commit(held, async (tx) => {
      // It always has a secret: nothing about it fails before it is tried.
      const { messages: made } = await register.run(tx, client, held.shard, now);
      // One that rests after a rejection, or in a back-off, is asked about at once: an operator has restarted for it.
      await vault.candidates.hurry(tx, client.credentialId, now);
      // The same goes for scopes that the vendor has granted since. One that is not in force is probed once it is proven.
      const inForce = await vault.credentials.inForce(tx, client.tenantId);
      if (inForce !== null) await vault.scopes.wish(tx, inForce.connection, held.shard, now);
      return made;
    });
    outbox.publish(messages);
  }
}
