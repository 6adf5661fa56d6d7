import { callbackify } from 'node:util';
import OAuth2Strategy from 'passport-oauth2';
import type { Connection } from '../credentials/connection.js';
import type { TokenAnswer } from '../minting/token-answer.js';

export type Granted = Extract<TokenAnswer, { kind: 'granted' }>;

/** What the strategy made of one request of a browser. */
export type StrategyResult =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'granted'; readonly granted: Granted }
  | { readonly kind: 'failed'; readonly cause: unknown };

export interface StrategyOptions {
  readonly connection: Connection;
  readonly callbackUrl: string;
  readonly scopes: readonly string[];
  /** Null: no id token is asked for. */
  readonly nonce: string | null;
  /** Keeps a new verifier; gives the state that the browser takes along. */
  readonly keep: (verifier: string) => Promise<string>;
  /** The verifier of the state that has come back. */
  readonly verifierOf: (state: string) => string;
  /** Our own exchange, in place of passport's: with time-outs, the host walls and the client in a Basic header. */
  readonly exchange: (code: string, verifier: string) => Promise<Granted>;
}

/** What the library calls, by number of arguments: 5 and 4 are the forms that carry a verifier. Its types know only older ones. */
interface PkceStore {
  store(req: unknown, verifier: string, state: unknown, meta: unknown, done: Done<string>): void;
  verify(req: unknown, state: string, meta: unknown, done: Done<string>): void;
}
type PassportExchange = (
  code: string,
  params: { readonly code_verifier: string },
  done: (error: unknown, accessToken?: string, refreshToken?: string | null, results?: Granted) => void,
) => void;
type Done<T> = (error: Error | null, value?: T, state?: string) => void;

/**
 * The authorization code grant with PKCE S256, one strategy for each request: every tenant has a vendor address and a client
 * of its own. The client's secret is not given to the library, since the exchange is ours.
 */
class ConsentStrategy extends OAuth2Strategy {
  private readonly nonce: string | null;

  constructor(options: StrategyOptions) {
    const { connection, callbackUrl, scopes, exchange } = options;
    super(
      {
        authorizationURL: connection.consent?.authorizeUrl ?? '',
        tokenURL: connection.tokenUrl,
        clientID: connection.clientId,
        clientSecret: '',
        callbackURL: callbackUrl,
        scope: [...scopes],
        store: storeOf(options) as unknown as OAuth2Strategy.StateStore,
        pkce: true,
        skipUserProfile: true,
      },
      (
        _accessToken: string,
        _refreshToken: string,
        granted: Granted,
        _profile: unknown,
        done: OAuth2Strategy.VerifyCallback,
      ) => done(null, granted),
    );
    this.nonce = options.nonce;
    const ours: PassportExchange = (code, { code_verifier: verifier }, done) => {
      callbackify(exchange)(code, verifier, (error, granted) => {
        if (error) done(error);
        else done(null, granted.accessToken, granted.refreshToken, granted);
      });
    };
    Object.assign(this._oauth2, { getOAuthAccessToken: ours });
  }

  override authorizationParams(): object {
    return this.nonce === null ? {} : { nonce: this.nonce };
  }
}

/** Runs the strategy on the query of one request. Never rejects. */
export function runStrategy(
  options: StrategyOptions,
  query: Readonly<Record<string, string>>,
): Promise<StrategyResult> {
  return new Promise((resolve) => {
    const strategy = new ConsentStrategy(options);
    // As passport does for each request: an object over the strategy that says where its results go.
    const once = Object.assign(Object.create(strategy) as ConsentStrategy, {
      redirect: (location: string) => resolve({ kind: 'redirect', location }),
      success: (granted: Granted) => resolve({ kind: 'granted', granted }),
      fail: (cause: unknown) => resolve({ kind: 'failed', cause }),
      error: (cause: unknown) => resolve({ kind: 'failed', cause: originOf(cause) }),
    });
    const request = { query, body: {}, headers: {}, url: '', method: 'GET', connection: {} };
    once.authenticate(request as never, {});
  });
}

function storeOf({ keep, verifierOf }: StrategyOptions): PkceStore {
  return {
    store(_req, verifier, _state, _meta, done) {
      callbackify(keep)(verifier, done);
    },
    verify(_req, state, _meta, done) {
      done(null, verifierOf(state), state);
    },
  };
}

/** The library wraps what the exchange threw. */
function originOf(cause: unknown): unknown {
  return cause instanceof OAuth2Strategy.InternalOAuthError ? (cause.oauthError as unknown) : cause;
}
