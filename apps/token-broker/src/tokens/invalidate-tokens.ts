import { SYNC_OF, type TokenCommandValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { Vault } from '../persistence/vault.js';
import { tokenKey } from '../publishing/outbox.js';
import { dueAt } from './token-plan.js';

/** The newest refused version for each token: a thousand commands for one version are one. */
export function newestRefusals(commands: readonly TokenCommandValue[]): Map<string, TokenCommandValue> {
  const newest = new Map<string, TokenCommandValue>();
  for (const command of commands) {
    const key = tokenKey(command.credentialId, command.scopes);
    const before = newest.get(key);
    if (before === undefined || command.version > before.version) newest.set(key, command);
  }
  return newest;
}

export class InvalidateTokens {
  constructor(private readonly vault: Vault) {}

  /** Marks what has to be minted anew. Returns the keys of tokens that only have to be published again. */
  async run(tx: Tx, commands: ReadonlyMap<string, TokenCommandValue>, now: number): Promise<string[]> {
    const again: string[] = [];
    for (const [key, command] of commands) {
      const token = await this.vault.tokens.find(tx, command.credentialId, command.scopes);
      if (token === null || token.retireAt !== null) continue;
      if (command.version < token.version) {
        // A newer one exists already; whoever asks has not seen it yet.
        again.push(key);
        continue;
      }
      if (token.invalid) continue;
      await this.vault.audit.changed(tx, {
        action: 'token-invalidated',
        actor: `service:${SYNC_OF[token.tenantId.startsWith('exact:') ? 'exact' : 'provet']}`,
        tenantId: token.tenantId,
        reason: 'refused-by-vendor',
        detail: { credentialId: command.credentialId, scopes: command.scopes, version: command.version },
      });
      const credential = await this.vault.credentials.find(tx, command.credentialId);
      const canMint = credential !== null && credential.inForce && credential.stage !== 'awaiting-consent';
      await this.vault.tokens.setState(
        tx,
        token,
        { invalid: true },
        canMint ? dueAt({ ...token, invalid: true }, now) : null,
      );
    }
    return again;
  }
}
