import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateSealingKeyPair, generateStorageKeys } from './generate-keys.js';
import { OpeningKeys, kidOf } from './opening-keys.js';
import type { SealContext } from './seal-context.js';
import { SealError } from './seal-error.js';
import { SealingKeys } from './sealing-keys.js';
import { StorageKeys } from './storage-keys.js';

const pair = generateSealingKeyPair('first');
const sealing = SealingKeys.parse(pair.publicJwks);
const opening = OpeningKeys.parse(pair.privateJwks);
const context: SealContext = {
  topic: 'hookup.v1',
  tenantId: 'provet:a.example:9',
  credentialId: 'provet:a.example:9/client',
  version: 4,
  host: 'a.example',
};

const word = fc.string({ minLength: 1, maxLength: 20 });
const contexts: fc.Arbitrary<SealContext> = fc.record(
  { topic: word, tenantId: word, credentialId: word, version: fc.nat(), host: word },
  { requiredKeys: ['topic', 'tenantId', 'credentialId'] },
);

async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
  return 'opened';
}

describe('sealing', () => {
  it('opens what was sealed for the same context', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), contexts, async (plain, about) => {
        expect(await opening.open(await sealing.seal(plain, about), about)).toBe(plain);
      }),
      { numRuns: 30 },
    );
  });

  it.each(['topic', 'tenantId', 'credentialId', 'version', 'host'] as const)(
    'refuses another %s, also a missing one',
    async (member) => {
      const sealed = await sealing.seal('secret', context);
      const { [member]: value, ...without } = context;
      const other = { ...context, [member]: typeof value === 'number' ? value + 1 : `${value}x` };
      expect(await codeOf(opening.open(sealed, other))).toBe('context-mismatch');
      expect(await codeOf(opening.open(sealed, without as SealContext))).toBe('context-mismatch');
      const lacking = await sealing.seal('secret', without as SealContext);
      expect(await codeOf(opening.open(lacking, context))).toBe('context-mismatch');
    },
  );

  it('refuses a text of which any character was changed', async () => {
    const sealed = await sealing.seal('secret', context);
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), async (at) => {
        const replacement = sealed[at] === 'A' ? 'Q' : 'A';
        const altered = sealed.slice(0, at) + replacement + sealed.slice(at + 1);
        // The last character of a base64url part can carry bits that mean nothing.
        fc.pre(!sameBytes(sealed, altered));
        expect(await codeOf(opening.open(altered, context))).not.toBe('opened');
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a header that was exchanged for one with the expected context', async () => {
    const sealed = await sealing.seal('secret', { ...context, tenantId: 'provet:evil.example:1' });
    const header = JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...header, tid: context.tenantId })).toString('base64url');
    expect(await codeOf(opening.open([forged, ...sealed.split('.').slice(1)].join('.'), context))).toBe(
      'not-decryptable',
    );
  });

  it('opens with older keys of the ring and refuses unknown ones', async () => {
    const newer = generateSealingKeyPair('second');
    const { keys: old } = JSON.parse(pair.privateJwks) as { keys: object[] };
    const { keys: fresh } = JSON.parse(newer.privateJwks) as { keys: object[] };
    const ring = OpeningKeys.parse(JSON.stringify({ keys: [...fresh, ...old] }));
    expect(ring.kids).toEqual(['second', 'first']);
    expect(await ring.open(await sealing.seal('old', context), context)).toBe('old');
    const sealedNew = await SealingKeys.parse(newer.publicJwks).seal('new', context);
    expect(await ring.open(sealedNew, context)).toBe('new');
    expect(await codeOf(opening.open(sealedNew, context))).toBe('key-unknown');
  });

  it('names keys without a kid the same way on both sides', async () => {
    const bare = (jwks: string) => {
      const { keys } = JSON.parse(jwks) as { keys: { kid?: string }[] };
      return JSON.stringify({ keys: keys.map(({ kid: _kid, ...rest }) => rest) });
    };
    const sealed = await SealingKeys.parse(bare(pair.publicJwks)).seal('x', context);
    expect(await OpeningKeys.parse(bare(pair.privateJwks)).open(sealed, context)).toBe('x');
  });

  it.each(['', 'a.b.c.d.e', 'not a seal', '....'])('calls %o malformed', async (text) => {
    expect(await codeOf(opening.open(text, context))).toBe('malformed');
  });
});

describe('key sets', () => {
  const [publicKey] = (JSON.parse(pair.publicJwks) as { keys: [object] }).keys;
  it.each([
    ['not JSON', '{'],
    ['no keys', '{"keys":[]}'],
    ['null', 'null'],
    ['a private key where the public is asked', pair.privateJwks],
    ['an RSA key', '{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}'],
    ['a signing curve', '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'],
    ['a point off the curve', '{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}'],
    ['the same kid twice', JSON.stringify({ keys: [1, 2].map(() => ({ ...publicKey, kid: 'a' })) })],
  ])('refuse %s', async (_name, jwks) => {
    expect(await codeOf(() => SealingKeys.parse(jwks))).toBe('key-set-invalid');
  });

  it('refuse a public key where the private is asked, and short storage keys', async () => {
    expect(await codeOf(() => OpeningKeys.parse(pair.publicJwks))).toBe('key-set-invalid');
    expect(await codeOf(() => StorageKeys.parse('{"keys":[{"kty":"oct","k":"AAAA"}]}'))).toBe('key-set-invalid');
  });
});

describe('storage keys', () => {
  const place = { table: 'credential', row: 'a' };

  it('decrypt what any key of the ring encrypted, in its place only', async () => {
    const older = generateStorageKeys('older');
    const encrypted = await StorageKeys.parse(older).encrypt('secret', place);
    const keys = [generateStorageKeys('newer'), older].flatMap((set) => (JSON.parse(set) as { keys: object[] }).keys);
    const ring = StorageKeys.parse(JSON.stringify({ keys }));
    expect(await ring.decrypt(encrypted, { row: 'a', table: 'credential' })).toBe('secret');
    expect(await codeOf(ring.decrypt(encrypted, { ...place, row: 'b' }))).toBe('context-mismatch');
    expect(await codeOf(StorageKeys.parse(older).decrypt(await ring.encrypt('x', place), place))).toBe('key-unknown');
    const [head, , iv, body, tag] = encrypted.split('.');
    expect(await codeOf(ring.decrypt([head, '', iv, `${body}AA`, tag].join('.'), place))).toBe('not-decryptable');
  });

  it('renew a text of an older key, for the same place, and leave the newest alone', async () => {
    const older = generateStorageKeys('older');
    const encrypted = await StorageKeys.parse(older).encrypt('secret', place);
    const keys = [generateStorageKeys('newer'), older].flatMap((set) => (JSON.parse(set) as { keys: object[] }).keys);
    const ring = StorageKeys.parse(JSON.stringify({ keys }));
    expect([ring.kid, ring.kids]).toEqual(['newer', ['newer', 'older']]);
    const renewed = (await ring.renew(encrypted)) ?? '';
    expect([kidOf(encrypted), kidOf(renewed), kidOf('no seal')]).toEqual(['older', 'newer', null]);
    expect(await ring.decrypt(renewed, place)).toBe('secret');
    expect(await codeOf(ring.decrypt(renewed, { ...place, row: 'b' }))).toBe('context-mismatch');
    expect(await ring.renew(renewed)).toBeNull();
    expect(await codeOf(StorageKeys.parse(generateStorageKeys()).renew(encrypted))).toBe('key-unknown');
  });

  it('never encrypt one text twice the same way', async () => {
    const ring = StorageKeys.parse(generateStorageKeys());
    expect(await ring.encrypt('same', place)).not.toBe(await ring.encrypt('same', place));
  });
});

function sameBytes(a: string, b: string): boolean {
  const bytes = (text: string) => text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
  return JSON.stringify(bytes(a)) === JSON.stringify(bytes(b));
}
