/** Where a planted secret was found: its kind and the form it had, never the secret itself. */
export interface Finding {
  readonly kind: string;
  readonly form: string;
  readonly place: string;
}

interface Needle {
  readonly kind: string;
  readonly forms: readonly (readonly [form: string, text: string])[];
}

/** Shorter ones turn up by chance. */
const SHORTEST = 12;

/** Secrets that a test has put into the relay, and the search for them in whatever the relay has written. */
export class Planted {
  private readonly needles = new Map<string, Needle>();
  private readonly belongs: { readonly kind: RegExp; readonly place: RegExp }[] = [];
  private readonly searched = new Map<string, { texts: number; bytes: number }>();
  private readonly names = new Set<string>();
  readonly findings: Finding[] = [];

  plant(kind: string, secret: string | null | undefined): void {
    if (typeof secret !== 'string' || secret.length < SHORTEST) throw new Error(`no secret of the kind ${kind}`);
    this.needles.set(secret, { kind, forms: formsOf(secret) });
  }

  /** A place where secrets of this kind belong: the one answer that hands them out, or what the test itself has written. */
  mayStandIn(place: RegExp, kind: RegExp): void {
    this.belongs.push({ kind, place });
  }

  get kinds(): string[] {
    return [...new Set([...this.needles.values()].map(({ kind }) => kind))].sort();
  }

  get count(): number {
    return this.needles.size;
  }

  /** Looks for every secret in one text. `place`: first its group, then its name, as `log: gateway`. */
  search(place: string, text: string): void {
    this.names.add(place);
    const group = place.split(':')[0] ?? place;
    const so = this.searched.get(group) ?? { texts: 0, bytes: 0 };
    this.searched.set(group, { texts: so.texts + 1, bytes: so.bytes + Buffer.byteLength(text) });
    for (const { kind, forms } of this.needles.values()) {
      if (this.belongs.some((one) => one.kind.test(kind) && one.place.test(place))) continue;
      const found = forms.find(([, form]) => text.includes(form));
      if (found !== undefined) this.findings.push({ kind, form: found[0], place });
    }
  }

  /** Names of what was searched in a group. */
  places(group: string): string[] {
    return [...this.names].filter((place) => place.startsWith(`${group}: `));
  }

  /** What was searched, group by group. */
  summary(): Readonly<Record<string, { readonly texts: number; readonly bytes: number }>> {
    return Object.fromEntries(this.searched);
  }
}

/** The forms in which a text may have been written: as it is, and as JSON, an address, a form, base64 or hex have it. */
export function formsOf(secret: string): [form: string, text: string][] {
  const bytes = Buffer.from(secret);
  const forms: [string, string][] = [
    ['as it is', secret],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
    ['in an address', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams([['', secret]]).toString().slice(1)],
    ['in HTML', secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['in hex', bytes.toString('hex')],
  ];
  // In the middle of something longer it stands at one of three places of base64; the edges are mixed with the neighbours.
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3)).toString('base64');
    const inner = before === 0 ? whole : whole.slice(4);
    forms.push(
      [`in base64, ${before} after a boundary`, inner],
      [`in base64url, ${before} after a boundary`, urlSafe(inner)],
    );
  }
  const seen = new Set<string>();
  return forms.filter(([, text]) => text.length >= SHORTEST && !seen.has(text) && seen.add(text));
}

function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
