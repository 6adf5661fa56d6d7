import type { StorageKeys } from '@relay/sealing';
import { CandidateRows } from './candidate-rows.js';
import { CredentialRows } from './credential-rows.js';
import { TokenRows } from './token-rows.js';

/** All that lies encrypted in the database. */
export class Vault {
  readonly candidates: CandidateRows;
  readonly credentials: CredentialRows;
  readonly tokens: TokenRows;

  constructor(storage: StorageKeys) {
    this.candidates = new CandidateRows(storage);
    this.credentials = new CredentialRows(storage);
    this.tokens = new TokenRows(storage);
  }
}
