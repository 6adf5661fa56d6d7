import type { StorageKeys } from '@relay/sealing';
import { AuditTrail } from '../audit/audit-trail.js';
import { CandidateRows } from './candidate-rows.js';
import { AdmissionRows } from './admission-rows.js';
import { ConsentRows } from './consent-rows.js';
import { CredentialRows } from './credential-rows.js';
import { RefreshGrantRows } from './refresh-grant-rows.js';
import { ScopeRows } from './scope-rows.js';
import { TokenRows } from './token-rows.js';

/** All that lies encrypted in the database, and the book in which its uses are written down. */
export class Vault {
  readonly candidates: CandidateRows;
  readonly credentials: CredentialRows;
  readonly tokens: TokenRows;
  readonly consents: ConsentRows;
  readonly grants: RefreshGrantRows;
  readonly admissions = new AdmissionRows();
  readonly scopes = new ScopeRows();

  constructor(
    storage: StorageKeys,
    readonly audit = new AuditTrail(),
  ) {
    this.candidates = new CandidateRows(storage);
    this.credentials = new CredentialRows(storage);
    this.tokens = new TokenRows(storage);
    this.consents = new ConsentRows(storage);
    this.grants = new RefreshGrantRows(storage);
  }
}
