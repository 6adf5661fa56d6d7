import { createHash, timingSafeEqual } from 'node:crypto';

/** The secrets of `HOOKUP_SECRET`: more than one while the integrator rotates it at the vendor. */
export class HookupSecrets {
  private readonly digests: readonly Buffer[];

  constructor(secrets: readonly string[]) {
    this.digests = secrets.map(digest);
  }

  /** Compares digests, which have one length, so that neither content nor length of a secret shows in the time taken. */
  isKnown(given: string): boolean {
    const candidate = digest(given);
    let known = false;
    for (const secret of this.digests) if (timingSafeEqual(candidate, secret)) known = true;
    return known;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
