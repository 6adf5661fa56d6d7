import { isIP } from 'node:net';

/** An entry of the list that is no host. */
export class HostEntryError extends Error {
  readonly code = 'host-entry-invalid';
  readonly retryable = false;

  constructor(entry: string, why: string) {
    super(`has an entry that is no host: "${entry}" ${why}`);
    this.name = 'HostEntryError';
  }
}

interface Entry {
  readonly labels: readonly string[];
  /** Empty: no port is written. */
  readonly port: string;
  readonly excludes: boolean;
  readonly literal: boolean;
  /** An address, or the one name that always stands for this machine (RFC 6761 §6.3). */
  readonly address: boolean;
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

function split(host: string): { name: string; port: string } {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(host);
  return match ? { name: match[1] as string, port: match[2] ?? '' } : { name: '', port: '' };
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

function parseEntry(text: string): Entry {
  const excludes = text.startsWith('!');
  const { name, port } = split((excludes ? text.slice(1) : text).trim().toLowerCase());
  if (name === '') throw new HostEntryError(text, 'must be host or host:port');
  if (port !== '' && (Number(port) < 1 || Number(port) > 65_535))
    throw new HostEntryError(text, 'has a port out of range');
  if (isAddress(name)) return { labels: [name], port, excludes, literal: true, address: true };
  const labels = name.split('.');
  if (labels.some((label) => label !== '*' && !LABEL.test(label))) {
    throw new HostEntryError(text, 'must consist of labels and dots, * being one whole label');
  }
  const literal = !labels.includes('*');
  if (!literal && labels.filter((label) => label !== '*').length < 2) {
    throw new HostEntryError(text, 'must keep at least two labels beside *');
  }
  return { labels, port, excludes, literal, address: name === 'localhost' };
}

function matches(entry: Entry, name: string, port: string): boolean {
  // An exclusion without a port means the host, whatever its port; a permission without one means https on 443.
  if (entry.port !== port && !(entry.excludes && entry.port === '')) return false;
  if (entry.literal) return entry.labels.join('.') === name;
  if (isAddress(name)) return false;
  const labels = name.split('.');
  return (
    labels.length === entry.labels.length &&
    entry.labels.every((label, at) => (label === '*' ? LABEL.test(labels[at] ?? '') : label === labels[at]))
  );
}

/** Which hosts may be called: the rules of `PROVET_ALLOWED_HOSTS` (contract §2). */
export class HostAllowList {
  private constructor(private readonly entries: readonly Entry[]) {}

  /** Throws a `HostEntryError` on the first entry that is no host. */
  static parse(entries: readonly string[]): HostAllowList {
    return new HostAllowList(entries.map(parseEntry));
  }

  /** `hostWithPort` as in tenant ids: lower case, with its port unless that is https on 443. */
  allows(hostWithPort: string): boolean {
    return this.find(hostWithPort, () => true);
  }

  /** True when the host stands in the list as an address: only then is it known beforehand where it leads. */
  namesAddress(hostWithPort: string): boolean {
    return this.find(hostWithPort, (entry) => entry.address);
  }

  /** True when the host stands in the list without `*`. */
  namesHost(hostWithPort: string): boolean {
    return this.find(hostWithPort, (entry) => entry.literal);
  }

  private find(hostWithPort: string, suits: (entry: Entry) => boolean): boolean {
    const { name, port } = split(hostWithPort.toLowerCase());
    if (name === '') return false;
    const matching = this.entries.filter((entry) => matches(entry, name, port));
    return !matching.some((entry) => entry.excludes) && matching.some(suits);
  }
}
