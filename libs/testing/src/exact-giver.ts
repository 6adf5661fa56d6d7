import {
  EXACT_RESOURCES,
  exactEnvironmentId,
  exactScopeSet,
  type ControlTopic,
  type ControlValue,
  type ExactEnvironment,
} from '@relay/contracts';
import { TokenGiver } from './token-giver.js';

export interface ExactGiverOptions {
  readonly environment: ExactEnvironment;
  /** Of exact-sync. */
  readonly publicJwks: string;
  /** Of the twin. */
  readonly origin: string;
  readonly client: { readonly clientId: string; readonly secret: string };
  /** Scopes that the relay asks for. */
  readonly wanted: readonly string[];
  /** Those that the vendor has assigned to the client by now. */
  readonly granted: () => readonly string[];
  readonly send: <T extends ControlTopic>(
    topic: T,
    owner: string,
    key: string,
    value: ControlValue<T>,
  ) => Promise<unknown>;
}

/** What the token-broker does for exact-sync: gives a token of each scope set, then says what is granted. */
export class ExactGiver {
  private readonly givers = new Map<string, TokenGiver>();
  private said = 0;

  constructor(private readonly options: ExactGiverOptions) {}

  get credentialId(): string {
    return `${exactEnvironmentId(this.options.environment)}/${this.options.client.clientId}`;
  }

  /** Of the last token of a scope set; undefined before the first. */
  versionOf(scopes: string): number | undefined {
    return this.givers.get(scopes)?.version;
  }

  async give(): Promise<void> {
    const { wanted, send, environment } = this.options;
    const owner = exactEnvironmentId(environment);
    const granted = wanted.filter((scope) => this.options.granted().includes(scope));
    const sets = EXACT_RESOURCES.map((resource) => exactScopeSet(resource, granted));
    for (const scopes of new Set(sets.flatMap((set) => (set.kind === 'granted' ? [set.scopes] : [])))) {
      await this.giverOf(scopes, owner).give();
    }
    this.said += 1;
    await send('credential.v1', owner, this.credentialId, {
      credentialId: this.credentialId,
      tenantId: owner,
      health: 'proven',
      inForce: true,
      version: this.said,
      checkedAt: new Date().toISOString(),
      expiresAt: null,
      code: null,
      capabilities: { granted, missing: wanted.filter((scope) => !granted.includes(scope)) },
    });
  }

  private giverOf(scopes: string, owner: string): TokenGiver {
    const { publicJwks, client, origin, send } = this.options;
    const known = this.givers.get(scopes);
    if (known !== undefined) return known;
    const giver = new TokenGiver({
      owner,
      credentialId: this.credentialId,
      scopes,
      publicJwks,
      tokenUrl: `${origin}/connect/token`,
      client,
      send: async (...message) => void (await send(...message)),
    });
    this.givers.set(scopes, giver);
    return giver;
  }
}
