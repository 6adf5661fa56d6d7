import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunningRegistry } from '../test-support/running-registry.js';

const file = fileScope();
let registry: RunningRegistry;
beforeAll(async () => {
  registry = await RunningRegistry.start(file);
});

describe('an EXACT environment', () => {
  let second = 0;
  const listing = (...practiceIds: string[]): Promise<void> =>
    registry.send('subscription-list.v1', 'exact:qa', 'qa', {
      environment: 'qa',
      practiceIds,
      observedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, ++second)).toISOString(),
    });
  const details = (practiceId: string, over: object = {}): Promise<void> =>
    registry.send('practice-details.v1', `exact:qa:${practiceId}`, `exact:qa:${practiceId}`, {
      tenantId: `exact:qa:${practiceId}`,
      environment: 'qa',
      practiceId,
      name: `Practice ${practiceId}`,
      country: 'GB',
      version: '13.9',
      observedAt: new Date().toISOString(),
      ...over,
    });
  const join = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await registry.becomes(`exact:qa:${id}`, 'pending');
    for (const id of ids) await details(id);
    for (const id of ids) await registry.becomes(`exact:qa:${id}`, 'active');
  };

  it('takes practices in, lets the missing ones go in two steps, and takes them back', async () => {
    await registry.credential('exact:qa', 'proven', { clientId: 'client' });
    await listing('A', 'B', 'C:1/x');
    await join('A', 'B', 'C:1/x');
    expect(registry.published('exact:qa:A')).toMatchObject({ practiceId: 'A', displayName: 'Practice A' });
    await until(
      'the client is known',
      async () => (await registry.get('exact:qa:A')).credentialId === 'exact:qa/client',
    );
    await listing('A', 'C:1/x');
    await registry.becomes('exact:qa:B', 'suspended: consent-unconfirmed');
    await listing('A', 'C:1/x');
    await registry.becomes('exact:qa:B', 'withdrawn');
    await listing('A', 'B', 'C:1/x');
    await join('B');
  });

  it('suspends a practice whose EXACT is too old for everything, and takes it back when it is updated', async () => {
    await details('A', { version: '13.700', tooOld: true });
    await registry.becomes('exact:qa:A', 'suspended: version-too-old');
    const old = new Date(Date.now() - 3_600_000).toISOString();
    await details('A', { version: '13.900', tooOld: false, observedAt: old });
    await details('B', { name: 'B, renamed' });
    await until('the later one is applied', () => registry.published('exact:qa:B')?.displayName === 'B, renamed');
    expect(await registry.stateOf('exact:qa:A')).toBe('suspended: version-too-old');
    await details('A', { version: '13.900', tooOld: false });
    await registry.becomes('exact:qa:A', 'active');
  });

  it('holds a mass loss for a person, closes the hold by a normal listing, and applies what is approved', async () => {
    interface Holds {
      items: { holdId: string; kind: string; environment: string; detail: { lost: string[] } }[];
      nextCursor: null;
    }
    const holds = async (): Promise<Holds> => (await (await registry.ask('/holds')).json()) as Holds;
    const raised = (): Promise<Holds['items'][number]> => until('a hold', async () => (await holds()).items[0]);
    await listing();
    const first = await raised();
    expect(first).toMatchObject({ kind: 'mass-loss', environment: 'qa' });
    expect(first.detail.lost).toHaveLength(3);
    await listing();
    await listing('A', 'B', 'C:1/x');
    await until('no hold', async () => (await holds()).items.length === 0);
    expect(await registry.stateOf('exact:qa:A')).toBe('active');
    await listing();
    const { holdId } = await raised();
    expect(
      (await registry.post(`/holds/${holdId}/approve`, { reason: 'they left' }, registry.operators.operator.token))
        .status,
    ).toBe(403);
    expect((await registry.post(`/holds/${holdId}/approve`, { reason: 'they left' })).status).toBe(202);
    expect((await registry.post(`/holds/${holdId}/reject`, { reason: 'no' })).status).toBe(409);
    expect((await registry.post('/holds/none/reject', { reason: 'no' })).status).toBe(404);
    for (const id of ['A', 'B', 'C:1/x'])
      expect(await registry.stateOf(`exact:qa:${id}`)).toBe('suspended: consent-unconfirmed');
    await listing();
    await registry.becomes('exact:qa:A', 'withdrawn');
  });
});
