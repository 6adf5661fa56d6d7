/** Shorter ones would blank out ordinary words. */
const SHORTEST = 8;
export const HIDDEN = '[hidden]';

/** Knows texts that must never be printed, and takes them out of finished lines. */
export class SecretTexts {
  private readonly texts = new Set<string>();
  private pattern: RegExp | null = null;

  add(text: string): void {
    if (text.length < SHORTEST) return;
    this.texts.add(text);
    // A line is JSON: quotes and line breaks of the text stand escaped in it.
    this.texts.add(JSON.stringify(text).slice(1, -1));
    this.texts.add(encodeURIComponent(text));
    // Longest first, so that a text which holds another one is taken out whole.
    const all = [...this.texts].sort((a, b) => b.length - a.length);
    this.pattern = new RegExp(all.map((entry) => entry.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  }

  hide(line: string): string {
    return this.pattern === null ? line : line.replace(this.pattern, HIDDEN);
  }
}
