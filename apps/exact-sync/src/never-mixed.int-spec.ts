import {
  exactTenantId,
  recordTopic,
  type ExactEnvironment,
  type RecordEventValue,
  type SubscriptionListValue,
  type SyncStatusValue,
} from '@relay/contracts';
import { exactTenant, fileScope, until } from '@relay/testing';
import { ExactTwin, type TwinRecord } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { exactSyncOn, type ExactSyncAtWork } from './test-support/exact-sync-on.js';

const file = fileScope();
const RESOURCES = ['practice', 'appointment'];
const APPOINTMENT = recordTopic('exact', 'appointment');
/** Ids that differ in nothing but the case of their letters are two practices; both environments have both. */
const PRACTICES = ['UKABC123', 'ukabc123'] as const;
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

/** One environment of the vendor, and a relay that works for it. */
class Side {
  private constructor(
    readonly environment: ExactEnvironment,
    readonly twin: ExactTwin,
    readonly connector: ExactSyncAtWork['connector'],
  ) {}

  static async start(environment: ExactEnvironment): Promise<Side> {
    const twin = new ExactTwin({ seed: 'never-mixed', environment, origin: 'http://127.0.0.1:1', clock: Date.now });
    for (const id of PRACTICES) {
      twin.addPractice({ id, records: 0 });
      // The same GUID, in every practice of both environments, with contents of its own.
      twin.put(id, 'appointment', GUID, { startDate: TOMORROW, comment: `${environment} ${id}` });
    }
    const { connector, broker } = await exactSyncOn(file, twin, {
      resources: RESOURCES,
      watches: [APPOINTMENT, recordTopic('exact', 'practice'), 'subscription-list.v1', 'sync-status.v1'],
    });
    await broker.give();
    for (const practiceId of PRACTICES) {
      const tenantId = exactTenantId(environment, practiceId);
      const tenant = exactTenant({ tenantId, environment, practiceId, credentialId: broker.credentialId });
      await connector.send('tenant.v1', tenantId, tenantId, tenant);
    }
    return new Side(environment, twin, connector);
  }

  keyOf(practice: string): string {
    return `${exactTenantId(this.environment, practice)}/${GUID.toLowerCase()}`;
  }

  appointment(practice: string): RecordEventValue | null | undefined {
    return this.connector.latest<RecordEventValue>(APPOINTMENT).get(this.keyOf(practice));
  }

  recordOf(practice: string): TwinRecord | null {
    return this.twin.record(practice, 'appointment', GUID);
  }

  isLive(): boolean {
    const statuses = this.connector.latest<SyncStatusValue>('sync-status.v1');
    return PRACTICES.every(
      (id) => statuses.get(`${exactTenantId(this.environment, id)}/appointment`)?.phase === 'live',
    );
  }

  /** How often appointments were asked for by a list. */
  listed(practice: string): number {
    return this.twin.requests.count(new RegExp(`Practices/${practice}/Appointments\\?`));
  }
}

const GUID = '00000DFF-1300-0000-0000-008034EC7256';
let qa: Side;
let production: Side;

beforeAll(async () => {
  [qa, production] = await Promise.all([Side.start('qa'), Side.start('production')]);
  for (const side of [qa, production]) {
    await until(`${side.environment} is live`, () => side.isLive(), { timeoutMs: 60_000 });
    for (const id of PRACTICES) await until(`the appointment of ${id}`, () => side.appointment(id));
  }
});

describe('records of the same id', () => {
  it('in two practices whose ids differ in case alone are two, each with its own contents and versions', async () => {
    for (const id of PRACTICES) expect(qa.appointment(id)?.record).toEqual(qa.recordOf(id));
    const before = qa.appointment('ukabc123')?.version;
    qa.twin.put('UKABC123', 'appointment', GUID, { status: 'Confirmed' });
    await until('the change', () => qa.appointment('UKABC123')?.record?.['status'] === 'Confirmed');
    const polls = qa.listed('ukabc123');
    await until('the other was read again', () => qa.listed('ukabc123') >= polls + 2);
    expect(qa.appointment('ukabc123')?.version).toBe(before);
    expect(qa.appointment('ukabc123')?.record).toEqual(qa.recordOf('ukabc123'));

    qa.twin.remove('ukabc123', 'appointment', GUID);
    await until('the deletion', () => qa.appointment('ukabc123') === null, { timeoutMs: 30_000 });
    expect(qa.appointment('UKABC123')?.record).toEqual(qa.recordOf('UKABC123'));
  });

  it('in QA and production stay with their own relay', () => {
    for (const id of PRACTICES) expect(production.appointment(id)?.record).toEqual(production.recordOf(id));
    for (const side of [qa, production]) {
      const keys = [...side.connector.latest(APPOINTMENT).keys(), ...side.connector.latest('sync-status.v1').keys()];
      expect(keys.filter((key) => !key.startsWith(`exact:${side.environment}:`))).toEqual([]);
      const listings = side.connector.seen('subscription-list.v1') as readonly SubscriptionListValue[];
      expect(new Set(listings.map(({ environment }) => environment))).toEqual(new Set([side.environment]));
    }
  });
});

describe('one record', () => {
  it('whose GUID comes in another spelling is the same record, and nothing new', async () => {
    const before = qa.connector.seen(APPOINTMENT).length;
    const { state } = qa.twin.practice('UKABC123');
    for (const spelling of ['lower', 'upper', 'as-made'] as const) {
      state.listSpelling = spelling;
      const polls = qa.listed('UKABC123');
      await until(`it was listed in ${spelling}`, () => qa.listed('UKABC123') >= polls + 2);
    }
    expect(qa.connector.seen(APPOINTMENT).length).toBe(before);
    state.listSpelling = 'lower';
    qa.twin.put('UKABC123', 'appointment', GUID.toLowerCase(), { status: 'Arrived' });
    await until('a change', () => qa.appointment('UKABC123')?.record?.['status'] === 'Arrived');
    const keys = [...qa.connector.latest(APPOINTMENT).keys()].filter((key) => key.startsWith('exact:qa:UKABC123/'));
    expect(keys).toEqual([qa.keyOf('UKABC123')]);
  });
});
