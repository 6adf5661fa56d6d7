import { createHash, timingSafeEqual } from 'node:crypto';

/** The secrets of `HOOKUP_SECRET`: more than one while the integrator rotates it at the vendor. */
export class HookupSecrets {
  private readonly digests: readonly Buffer[];

  constructor(secrets: readonly string[]) {
    this.digests = secrets.map(digest);
  }

  /**
   * Place in the list, from 1; null when it is none of them. Compares digests, which have one length, so that neither content
   * nor length of a secret shows in the time taken.
   */
  entryOf(given: string): number | null {
    const candidate = digest(given);
    let entry: number | null = null;
    for (const [index, secret] of this.digests.entries()) if (timingSafeEqual(candidate, secret)) entry = index + 1;
    return entry;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
