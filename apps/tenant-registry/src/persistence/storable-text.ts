/** Postgres keeps no NUL in text, and half a surrogate pair cannot be written as UTF-8. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** The same text without what Postgres cannot keep. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}
