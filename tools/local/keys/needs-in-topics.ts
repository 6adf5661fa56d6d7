import { unreadMessages, type RelayKafka } from '#kafka';
import { kidOf } from '#sealing';
import { vendorOf, type HookupValue, type TokenValue } from '#contracts';
import type { KeySet, Need } from './verdicts.ts';

/** Sealed registrations that somebody still has to read, as topic and reader. */
const REGISTRATIONS = [
  ['hookup.v1', 'token-broker'],
  ['held-hookup.v1', 'tenant-registry'],
] as const;

/** What lies sealed in topics and is still to be opened, by the key that each text names. */
export async function needsInTopics(kafka: RelayKafka, now: number): Promise<Need[]> {
  const there = await kafka.listTopics();
  const needs: Need[] = [];
  for (const [topic, reader] of REGISTRATIONS) {
    if (!there.includes(topic)) continue;
    const unread = await unreadMessages(kafka, reader, topic);
    const kids = unread.map(({ value }) => kidOf((value as HookupValue).registration.client_secret ?? ''));
    needs.push(...counted('CREDENTIAL_PRIVATE_JWKS', `${topic} not yet read`, kids));
  }
  if (there.includes('token.v1')) needs.push(...(await tokenNeeds(kafka, now)));
  return needs;
}

/** The newest token of each key, if it is alive: what was there before nobody opens any more. */
async function tokenNeeds(kafka: RelayKafka, now: number): Promise<Need[]> {
  const newest = new Map<string, TokenValue>();
  const reader = kafka.tableReader({
    topics: ['token.v1'],
    onBatch: ({ messages }) => {
      for (const { key, value } of messages) {
        if (value === null) newest.delete(key);
        else newest.set(key, value as TokenValue);
      }
    },
  });
  await reader.loaded;
  await reader.close();
  const alive = [...newest.values()].filter(({ expiresAt }) => Date.parse(expiresAt) > now);
  const of = (vendor: 'provet' | 'exact') =>
    alive.filter(({ credentialId }) => vendorOf(credentialId) === vendor).map(({ sealed }) => kidOf(sealed));
  return [
    ...counted('PROVET_TOKEN_PRIVATE_JWKS', 'token.v1', of('provet')),
    ...counted('EXACT_TOKEN_PRIVATE_JWKS', 'token.v1', of('exact')),
  ];
}

export function counted(set: KeySet, by: string, kids: readonly (string | null)[]): Need[] {
  const counts = new Map<string, number>();
  for (const kid of kids) if (kid !== null) counts.set(kid, (counts.get(kid) ?? 0) + 1);
  return [...counts].map(([kid, count]) => ({ set, kid, by, count }));
}
