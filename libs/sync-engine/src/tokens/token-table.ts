import { parseTenantId, vendorOf, type TokenValue, type Vendor } from '@relay/contracts';
import { controlMessage, type ReceivedBatch, type RelayKafka, type TableReader } from '@relay/kafka';
import { OpeningKeys, kidOf } from '@relay/sealing';
import type { LaneLog } from '../lanes/lane-log.js';
import type { AccessToken, TokenSource } from '../ports/token-source.js';

interface HeldToken extends AccessToken {
  readonly credentialId: string;
  readonly scopes: string;
  readonly expiresAt: number;
}

/** A token that is sealed to a key that is not here: the other connector's, or one that was not given to this one. */
interface ClosedToken {
  readonly kid: string;
  readonly version: number;
  readonly credentialId: string;
  readonly expiresAt: number;
}

const TOPIC = 'token.v1';
const REMIND_MS = 60_000;

/** The owner of a credential: `<owner>/<clientId>`; no owner has a slash. */
export function ownerOf(credentialId: string): string {
  const at = credentialId.indexOf('/');
  return at < 0 ? credentialId : credentialId.slice(0, at);
}

/** A token of a tenant with a host of its own is sealed for that host. */
function sealedHost(owner: string): { host?: string } {
  const ref = parseTenantId(owner);
  return ref?.vendor === 'provet' ? { host: ref.host } : {};
}

/**
 * All access tokens that this connector's key opens, as the token-broker has published them. Hands out the newest that was
 * not refused; tells the broker of a refusal once per version.
 */
export class TokenTable implements TokenSource {
  private readonly tokens = new Map<string, HeldToken>();
  /** By credential and scopes: the newest version that the vendor refused, and when the broker was told. */
  private readonly refusals = new Map<string, { readonly version: number; toldAt: number }>();
  /** By key: the newest version of a token that no key of this connector opens. */
  private readonly closed = new Map<string, ClosedToken>();
  /** Whose tokens this connector opens. */
  private readonly vendors = new Set<Vendor>();
  private readonly toldOf = new Set<string>();
  private readonly listeners = new Set<(owner: string, version: number) => void>();
  private readonly keys: OpeningKeys | null;
  private reader: TableReader | null = null;

  constructor(
    private readonly kafka: RelayKafka,
    privateJwks: string,
    private readonly log: LaneLog,
  ) {
    this.keys = privateJwks === '' ? null : OpeningKeys.parse(privateJwks);
  }

  /** Starts to read the topic. The table is loaded in the background. */
  start(): void {
    if (this.keys === null || this.reader !== null) return;
    this.reader = this.kafka.tableReader({ topics: [TOPIC], onBatch: (batch) => this.onBatch(batch) });
  }

  get isLoaded(): boolean {
    return this.keys === null || (this.reader?.isLoaded ?? false);
  }

  /** Resolves once the topic was read whole; at once where there is no key to open anything with. */
  get loaded(): Promise<void> {
    return this.reader?.loaded ?? Promise.resolve();
  }

  /** The keys that live tokens of a vendor's credentials need and that are not here. */
  unopened(vendor: Vendor, now: number): { readonly kid: string; readonly credentials: number }[] {
    const needs = new Map<string, Set<string>>();
    for (const { kid, credentialId, expiresAt } of this.closed.values()) {
      if (vendorOf(ownerOf(credentialId)) !== vendor || expiresAt <= now) continue;
      needs.set(kid, (needs.get(kid) ?? new Set()).add(credentialId));
    }
    return [...needs].map(([kid, { size }]) => ({ kid, credentials: size }));
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  /** Called with the owner of a credential whose token has changed, and the new one's version. */
  onChange(listener: (owner: string, version: number) => void): void {
    this.listeners.add(listener);
  }

  token(credentialId: string, scopes: string): AccessToken | null {
    return this.usable(this.tokens.get(`${credentialId}#${scopes}`));
  }

  tokenOf(owner: string, scopes: string): (AccessToken & { readonly credentialId: string }) | null {
    let newest: HeldToken | null = null;
    for (const held of this.tokens.values()) {
      if (held.scopes !== scopes || ownerOf(held.credentialId) !== owner || this.usable(held) === null) continue;
      if (newest === null || held.expiresAt > newest.expiresAt) newest = held;
    }
    return newest;
  }

  async refused(owner: string, credentialId: string, scopes: string, version: number): Promise<void> {
    const key = `${credentialId}#${scopes}`;
    const known = this.refusals.get(key);
    if (known !== undefined && known.version >= version) return;
    const refusal = { version, toldAt: Date.now() };
    this.refusals.set(key, refusal);
    await this.tell(owner, credentialId, scopes, refusal);
  }

  private async tell(
    owner: string,
    credentialId: string,
    scopes: string,
    refusal: { readonly version: number; toldAt: number },
  ): Promise<void> {
    const { version } = refusal;
    const at = new Date().toISOString();
    const value = { credentialId, scopes, command: 'invalidated' as const, version, at };
    refusal.toldAt = Date.now();
    try {
      await this.kafka
        .producer('control')
        .send(controlMessage(this.kafka.partitions, 'token-command.v1', owner, owner, value), { deadlineMs: 5_000 });
    } catch (error) {
      refusal.toldAt = 0;
      this.log.warn({ err: error, credentialId, version }, 'the broker could not be told that a token was refused');
    }
  }

  private usable(held: HeldToken | undefined): HeldToken | null {
    if (held === undefined) return null;
    const refusal = this.refusals.get(`${held.credentialId}#${held.scopes}`);
    if (refusal === undefined || held.version > refusal.version) return held;
    // Still the refused one: the broker is reminded as long as somebody asks for a token.
    if (Date.now() - refusal.toldAt >= REMIND_MS) {
      void this.tell(ownerOf(held.credentialId), held.credentialId, held.scopes, refusal);
    }
    return null;
  }

  private async onBatch(batch: ReceivedBatch<unknown>): Promise<void> {
    for (const message of batch.messages) {
      const value = message.value as TokenValue | null;
      if (value === null) {
        this.tokens.delete(message.key);
        this.closed.delete(message.key);
      } else await this.take(message.key, value);
    }
  }

  private async take(key: string, value: TokenValue): Promise<void> {
    const { credentialId, scopes, version, expiresAt } = value;
    if ((this.tokens.get(key)?.version ?? -1) >= version) return;
    const owner = ownerOf(credentialId);
    const kid = kidOf(value.sealed);
    if (kid !== null && !(this.keys as OpeningKeys).kids.includes(kid)) {
      this.notForUs(key, { kid, version, credentialId, expiresAt: Date.parse(expiresAt) });
      return;
    }
    try {
      const text = await (this.keys as OpeningKeys).open(value.sealed, {
        topic: TOPIC,
        tenantId: owner,
        credentialId,
        version,
        ...sealedHost(owner),
      });
      this.closed.delete(key);
      this.vendors.add(vendorOf(owner));
      this.tokens.set(key, { value: text, version, credentialId, scopes, expiresAt: Date.parse(expiresAt) });
    } catch (error) {
      this.log.warn({ credentialId, version, err: error }, 'a token cannot be opened');
      return;
    }
    for (const listener of this.listeners) listener(owner, version);
  }

  /** Sealed to another key: as a rule the other connector's, about which there is nothing to say. */
  private notForUs(key: string, token: ClosedToken): void {
    if ((this.closed.get(key)?.version ?? -1) < token.version) this.closed.set(key, token);
    const { kid, credentialId, version } = token;
    const isOurs = this.vendors.has(vendorOf(ownerOf(credentialId)));
    if (isOurs && !this.toldOf.has(kid)) {
      this.toldOf.add(kid);
      this.log.error({ credentialId, kid }, 'tokens are sealed to a key that was not given to this connector');
    } else this.log.debug({ credentialId, version, kid }, 'a token is not for this connector');
  }
}
