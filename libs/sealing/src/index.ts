export { generateSealingKeyPair, generateStorageKeys } from './generate-keys.js';
export { OpeningKeys, kidOf } from './opening-keys.js';
export type { SealContext } from './seal-context.js';
export { SEAL_CODES, SealError } from './seal-error.js';
export type { SealCode } from './seal-error.js';
export { SealingKeys } from './sealing-keys.js';
export { StorageKeys } from './storage-keys.js';
