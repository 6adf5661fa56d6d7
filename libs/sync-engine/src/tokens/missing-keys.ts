import type { Vendor } from '@relay/contracts';
import type { TokenTable } from './token-table.js';

/**
 * Keys that live tokens of this vendor need and that were not given, in the words of a wrong setting. Waits until the tokens
 * are read.
 */
export async function missingTokenKeys(tokens: TokenTable, vendor: Vendor): Promise<string[]> {
  tokens.start();
  await tokens.loaded;
  const setting = `${vendor.toUpperCase()}_TOKEN_PRIVATE_JWKS`;
  return tokens
    .unopened(vendor, Date.now())
    .map(
      ({ kid, credentials }) =>
        `${setting} lacks the key ${kid}, which tokens of ${credentials} credentials in token.v1 are sealed to. ` +
        'Put it into the set; `npm run keys -- status` says when one may go',
    );
}
