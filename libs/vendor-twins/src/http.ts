/** A request as the shell received it. `url` is path and query as sent; header names are in lower case. */
export interface TwinRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface TwinResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The answer is ready now and is to be sent after this time: what it says may be outdated by then. */
  readonly delayMs: number;
}

/** What the shell has to do with the connection. */
export type TwinReply =
  | TwinResponse
  | { readonly kind: 'reset'; readonly delayMs: number }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' };

export function response(status: number, headers: Record<string, string>, body: string): TwinResponse {
  return { kind: 'response', status, headers, body, delayMs: 0 };
}

export function jsonResponse(status: number, body: string, headers: Record<string, string> = {}): TwinResponse {
  return response(status, { 'content-type': 'application/json', ...headers }, body);
}

export function delayed(reply: TwinReply, delayMs: number): TwinReply {
  return reply.kind === 'hang' || delayMs === 0 ? reply : { ...reply, delayMs: reply.delayMs + delayMs };
}

/** The user name and password of a Basic header, form-decoded as OAuth asks; null when there is none. */
export function basicCredentials(header: string | undefined): { id: string; secret: string } | null {
  const match = /^Basic\s+(\S+)$/i.exec(header ?? '');
  if (!match?.[1]) return null;
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return null;
  try {
    return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) };
  } catch {
    return null;
  }
}

export function bearerToken(header: string | undefined): string | null {
  return /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? null;
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** The members of a form body of either kind; null for any other content type (a JSON body is no form). */
export function formFields(contentType: string | undefined, body: string): URLSearchParams | null {
  const type = (contentType ?? '').toLowerCase();
  if (type.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams(body);
  if (!type.startsWith('multipart/form-data')) return null;
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1];
  if (!boundary) return null;
  const fields = new URLSearchParams();
  for (const part of body.split(`--${boundary}`)) {
    const match = /name="([^"]*)"[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n([\s\S]*?)\r?\n$/.exec(part);
    if (match?.[1] !== undefined) fields.append(match[1], match[2] ?? '');
  }
  return fields;
}
