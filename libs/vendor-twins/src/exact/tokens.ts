import {
  basicCredentials,
  bearerToken,
  formFields,
  jsonResponse,
  type TwinRequest,
  type TwinResponse,
} from '../http.js';
import { Seeded } from '../seeded.js';

export const EXACT_SCOPES = [
  'productsubscription.get',
  'practice.get',
  'appointment.list',
  'appointment.get',
  'appointment.update',
  'patient.list',
  'patient.get',
  'patient.get.contactdetails.phone',
  'patient.get.contactdetails.email',
  'patient.contact',
  'payor.list',
  'payor.get',
  'practitioner.list',
  'practitioner.get',
] as const;
export type ExactScope = (typeof EXACT_SCOPES)[number];

export interface ExactClient {
  readonly id: string;
  secret: string;
  /** What the vendor has assigned; default every scope. */
  scopes: readonly string[];
}

interface Issued {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt: number;
}

/** The identity server of one environment: Basic only, a token for exactly the scopes that were asked for. */
export class ExactTokens {
  readonly clients = new Map<string, ExactClient>();
  tokenSeconds = 3600;
  /** Where tokens are asked for. The vendor's own; another one is found through the discovery document alone. */
  path = '/connect/token';
  issuedCount = 0;
  /** The address of the identity server, as tokens and the discovery document name it. */
  issuer: string;
  readonly #issued = new Map<string, Issued>();
  readonly #seed: string;

  constructor(options: { seed: string; issuer: string }) {
    this.#seed = options.seed;
    this.issuer = options.issuer;
  }

  /** A token request. */
  reply(request: TwinRequest, now: number): TwinResponse {
    const fields = formFields(request.headers['content-type'], request.body);
    if (request.method !== 'POST') return jsonResponse(405, '""', { allow: 'POST' });
    if (fields === null) return refused('invalid_request');
    const given = basicCredentials(request.headers['authorization']);
    const client = given === null ? undefined : this.clients.get(given.id);
    if (client === undefined || client.secret !== given?.secret) return refused('invalid_client');
    if (fields.get('grant_type') !== 'client_credentials') return refused('unsupported_grant_type');
    const asked = (fields.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const scopes = asked.length > 0 ? asked : [...client.scopes];
    // One scope too many fails the whole request.
    if (scopes.some((scope) => !client.scopes.includes(scope))) return refused('invalid_scope');
    const token = this.#issue(client, scopes, now);
    const answer = {
      access_token: token,
      expires_in: this.tokenSeconds,
      token_type: 'Bearer',
      scope: scopes.join(' '),
    };
    return jsonResponse(200, JSON.stringify(answer), { 'cache-control': 'no-store' });
  }

  discovery(): TwinResponse {
    return jsonResponse(
      200,
      JSON.stringify({
        issuer: this.issuer,
        token_endpoint: `${this.issuer}${this.path}`,
        jwks_uri: `${this.issuer}/.well-known/openid-configuration/jwks`,
        scopes_supported: EXACT_SCOPES,
        grant_types_supported: ['client_credentials'],
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
      }),
    );
  }

  /** The token of a request while it is good; null otherwise. */
  bearer(request: TwinRequest, now: number): Issued | null {
    const issued = this.#issued.get(bearerToken(request.headers['authorization']) ?? '');
    return issued !== undefined && issued.expiresAt > now ? issued : null;
  }

  revokeAll(): number {
    const count = this.#issued.size;
    this.#issued.clear();
    return count;
  }

  /** Looks like a JWT, as the vendor's does; nothing here checks its signature, for the twin knows what it issued. */
  #issue(client: ExactClient, scopes: readonly string[], now: number): string {
    for (const [token, issued] of this.#issued) if (issued.expiresAt <= now) this.#issued.delete(token);
    this.issuedCount += 1;
    const random = new Seeded(this.#seed, 'exact-token', client.id, this.issuedCount);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      iss: this.issuer,
      client_id: client.id,
      scope: scopes,
      iat: Math.floor(now / 1000),
      exp: Math.floor(now / 1000) + this.tokenSeconds,
      jti: random.hex(32).toUpperCase(),
    };
    const signature = Buffer.from(random.hex(64), 'hex').toString('base64url');
    const token = `${part({ alg: 'RS256', typ: 'at+jwt' })}.${part(claims)}.${signature}`;
    this.#issued.set(token, {
      clientId: client.id,
      scopes: new Set(scopes),
      expiresAt: now + this.tokenSeconds * 1000,
    });
    return token;
  }
}

function refused(error: string): TwinResponse {
  return jsonResponse(400, JSON.stringify({ error }), { 'cache-control': 'no-store' });
}
