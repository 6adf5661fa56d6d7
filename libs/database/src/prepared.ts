import { createHash } from 'node:crypto';

/**
 * A statement that runs so often that each connection parses it once and plans it a few times, not with every use. Made once,
 * where its text is written. Its columns are named, never `*`: a plan does not outlive a change of what it gives back.
 */
export class Prepared {
  /** What the server knows it by on a connection. */
  readonly name: string;

  constructor(readonly text: string) {
    this.name = `p${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
  }
}
