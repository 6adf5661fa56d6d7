import { memberText, type TwinRecord } from '../json.js';
import { RecordStore } from '../record-store.js';
import { Seeded } from '../seeded.js';
import { stamp } from '../times.js';
import { PRACTICE_NAMES, STREETS } from '../words.js';
import { guidOf, indexOfGuid, type ExactKind } from './guid.js';
import {
  EXACT_GENERATORS,
  OLD_STATUSES,
  generatedStart,
  type AppointmentStatus,
  type ExactContext,
} from './records.js';

export interface PracticeOptions {
  readonly id: string;
  readonly name?: string | undefined;
  readonly country?: string | undefined;
  readonly version?: string | undefined;
  readonly subscribed?: boolean | undefined;
  /** Records of each kind, or a number for appointments and patients. Practitioners 5 and payors 3 unless named. */
  readonly records?: number | Partial<Record<ExactKind, number>> | undefined;
  readonly utcOffsetMinutes?: number | undefined;
}

/** How a practice's own server behaves. */
export interface PracticeState {
  /** offline: 503. faulty: its software fails, 502. timeout: it does not answer in time, 504. */
  mode: 'online' | 'offline' | 'faulty' | 'timeout';
  /** It answers, after this long. */
  delayMs: number;
  /** Records (GUIDs in lower case) on which its software fails, alone and on every page that holds one. */
  faultyRecords: Set<string>;
  /** Windows longer than this many days time out; null: none does. */
  timeoutLongerThanDays: number | null;
  /** Appointments whose change is refused with 409. */
  conflicts: Set<string>;
  /** Which names of appointment statuses it writes. */
  statusNames: 'current' | 'old';
  /** How lists spell GUIDs; alone a record is spelt as it was made. */
  listSpelling: 'as-made' | 'upper' | 'lower';
}

/** One practice: a server of its own with data of its own. */
export class ExactPractice {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly utcOffsetMinutes: number;
  readonly context: ExactContext;
  version: string;
  subscribed: boolean;
  updatedOn: number;
  readonly state: PracticeState = {
    mode: 'online',
    delayMs: 0,
    faultyRecords: new Set(),
    timeoutLongerThanDays: null,
    conflicts: new Set(),
    statusNames: 'current',
    listSpelling: 'as-made',
  };
  /** Contact details that were written, by the number of their patient. Others are generated. */
  readonly contacts = new Map<number, TwinRecord>();
  readonly #stores = new Map<ExactKind, RecordStore>();
  /** GUIDs that were given from outside, in lower case, to their number. */
  readonly #given = new Map<string, number>();

  constructor(options: PracticeOptions, world: { seed: string; epoch: number }) {
    const random = new Seeded(world.seed, 'practice', options.id);
    this.id = options.id;
    this.name = options.name ?? `${random.pick(PRACTICE_NAMES)} Dental ${options.id}`;
    this.country = options.country ?? 'GB';
    this.version = options.version ?? '13.860';
    this.subscribed = options.subscribed ?? true;
    this.utcOffsetMinutes = options.utcOffsetMinutes ?? 0;
    this.updatedOn = world.epoch;
    const every = typeof options.records === 'number' ? options.records : 60;
    this.context = {
      seed: world.seed,
      practiceId: options.id,
      epoch: world.epoch,
      counts: {
        appointment: every,
        patient: every,
        practitioner: 5,
        payor: 3,
        ...(typeof options.records === 'object' ? options.records : {}),
      },
    };
  }

  store(kind: ExactKind): RecordStore {
    let store = this.#stores.get(kind);
    if (store === undefined) {
      store = new RecordStore({
        count: this.context.counts[kind],
        generate: (index) => EXACT_GENERATORS[kind](this.context, index),
        generatedModified: () => this.context.epoch,
      });
      this.#stores.set(kind, store);
    }
    return store;
  }

  /** The record's number, in whatever case its GUID is written; null when no record ever had it. */
  indexOf(kind: ExactKind, guid: string): number | null {
    return this.#given.get(`${kind}/${guid.toLowerCase()}`) ?? indexOfGuid(kind, guid);
  }

  /** A number for a GUID of the caller's choice. */
  indexFor(kind: ExactKind, guid: string): number {
    const known = this.indexOf(kind, guid);
    if (known !== null) return known;
    const index = this.store(kind).takeId();
    this.#given.set(`${kind}/${guid.toLowerCase()}`, index);
    return index;
  }

  /** A record as the API writes it now; null when there is none. */
  record(kind: ExactKind, index: number): TwinRecord | null {
    const record = this.store(kind).latest(index);
    if (record === null || kind !== 'appointment' || this.state.statusNames === 'current') return record;
    const status = OLD_STATUSES[record['status'] as AppointmentStatus] ?? record['status'] ?? null;
    return { ...record, status };
  }

  /** When an appointment starts, without making a record that was never changed. */
  startOf(index: number): number {
    const store = this.store('appointment');
    if (!store.isStored(index)) return generatedStart(this.context, index);
    return Date.parse(memberText(store.latest(index), 'startDate'));
  }

  /** The practice installs another EXACT, at that time. */
  setVersion(version: string, at: number): void {
    this.version = version;
    this.updatedOn = at;
  }

  /** What a new object of that number starts from. */
  generated(kind: ExactKind, index: number): TwinRecord {
    return EXACT_GENERATORS[kind](this.context, index);
  }

  /** Practice details, from the cloud's copy: answered also while the practice is offline. */
  details(): TwinRecord {
    const random = new Seeded(this.context.seed, this.id, 'details');
    const line1 = `${random.between(1, 90)} ${random.pick(STREETS)}`;
    const day = { open: '08:30', close: '17:30' };
    return {
      practiceId: this.id,
      practiceName: this.name,
      installationId: guidOf('payor', 700),
      organizationId: guidOf('payor', 800),
      organizationName: this.name,
      address: { line1, line2: null, line3: null, line4: null, postCode: 'LS1 4DY' },
      phoneNumber: `+44113${random.digits(7)}`,
      emailAddress: `desk@${this.id.toLowerCase().replace(/[^a-z0-9]/g, '')}.example`,
      websiteAddress: null,
      country: this.country,
      countrySubdivision: null,
      brandingLogoUrl: null,
      supportedPayors: [...this.store('payor').ids(Infinity)].map((index) => this.record('payor', index) ?? null),
      openingHours: { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day },
      practiceTimezoneUtcOffsetMinutes: this.utcOffsetMinutes,
      pmsVersion: this.version,
      pmsDisplayVersion: `EXACT ${this.version}`,
      updatedOn: stamp(this.updatedOn, null),
      locations: [
        {
          id: guidOf('payor', 900),
          code: 'S1',
          name: 'Surgery 1',
          phone: null,
          fax: null,
          line1,
          line2: null,
          line3: null,
          postCode: 'LS1 4DY',
        },
      ],
    };
  }
}
