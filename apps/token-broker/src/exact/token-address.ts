import type { OutgoingRequest, Reply } from '@relay/http-client';

interface TokenAddressOptions {
  /** Where the configuration says that tokens are asked for; empty: the identity server says so itself. */
  readonly tokenUrl: string;
  /** Address of the identity server, without a slash at its end. */
  readonly authorityUrl: string;
  send(request: OutgoingRequest): Promise<Reply>;
  readonly log: { debug(fields: Readonly<Record<string, unknown>>, message: string): void };
  readonly now?: () => number;
}

const DISCOVERY_PATH = '/.well-known/openid-configuration';
/** Where identity servers of this make take token requests: used until, and where, the document does not say. */
const USUAL_PATH = '/connect/token';
/** Such a document changes once in years. */
const KEEP_MS = 24 * 3_600_000;
/** While there is none that can be used, the usual path serves: there is no hurry to ask again. */
const ASK_AGAIN_MS = 15 * 60_000;
/** A token must not wait long for a document that it can do without. */
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;

/** The token address as the configuration alone gives it. */
export function usualTokenUrl({
  tokenUrl,
  authorityUrl,
}: Pick<TokenAddressOptions, 'tokenUrl' | 'authorityUrl'>): string {
  return tokenUrl === '' ? `${authorityUrl}${USUAL_PATH}` : tokenUrl;
}

/**
 * Where EXACT's tokens are asked for. An address in the configuration wins; else the identity server's discovery document
 * names it, as long as it stays on the identity server: the client's secret goes nowhere else.
 */
export class ExactTokenAddress {
  private known: { readonly url: string; readonly until: number } | null = null;
  private asking: Promise<string> | null = null;
  private readonly now: () => number;

  constructor(private readonly options: TokenAddressOptions) {
    this.now = options.now ?? Date.now;
  }

  async current(): Promise<string> {
    if (this.options.tokenUrl !== '') return this.options.tokenUrl;
    if (this.known !== null && this.known.until > this.now()) return this.known.url;
    this.asking ??= this.discover().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private async discover(): Promise<string> {
    const { authorityUrl, log } = this.options;
    const reply = await this.options.send({
      method: 'GET',
      url: `${authorityUrl}${DISCOVERY_PATH}`,
      route: DISCOVERY_PATH,
      headers: { accept: 'application/json' },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    const found = tokenEndpointOf(reply, authorityUrl);
    if (found.url === null) log.debug({ why: found.why }, 'the discovery document of EXACT cannot be used');
    // One that was found before is a better guess than the usual path.
    const url = found.url ?? this.known?.url ?? usualTokenUrl(this.options);
    this.known = { url, until: this.now() + (found.url === null ? ASK_AGAIN_MS : KEEP_MS) };
    return url;
  }
}

type Found = { readonly url: string } | { readonly url: null; readonly why: string };

/** Reads `token_endpoint` (OpenID Connect Discovery 1.0 §3) from an answer. */
function tokenEndpointOf(reply: Reply, authorityUrl: string): Found {
  const no = (why: string): Found => ({ url: null, why });
  if (reply.kind === 'no-answer') return no(reply.fault);
  if (reply.status !== 200) return no(`http-${reply.status}`);
  const named = memberOf(reply.text, 'token_endpoint');
  const url = typeof named === 'string' ? URL.parse(named) : null;
  if (url === null) return no('no-token-endpoint');
  const authority = new URL(authorityUrl);
  // The same host, port and scheme: the scheme of the configuration is https, but for this machine itself.
  if (url.origin !== authority.origin) return no('another-host');
  if (url.username !== '' || url.password !== '' || url.hash !== '') return no('unusual-address');
  return { url: url.href };
}

function memberOf(text: string, name: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}
