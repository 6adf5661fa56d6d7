import { freshKeyring, renderKeyring } from './keyring.ts';

/** `npm run keys`: prints fresh secrets; keeping them is the caller's. */
process.stdout.write(renderKeyring(freshKeyring()));
