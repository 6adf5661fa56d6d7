import { Log } from '@relay/service-kit';
import { ExactTwin, ProvetTwin } from '@relay/vendor-twins';
import { EXACT_ABOUT, PROVET_ABOUT } from './about.js';
import { HookupSender } from './behaviour/hookup-sender.js';
import { LifeClock } from './behaviour/life-clock.js';
import { WebhookPoster } from './behaviour/webhook-poster.js';
import { ControlModule, NoControlModule } from './control/control.module.js';
import { VendorServer } from './http/vendor-server.js';

/** Ids under which the simulator's own tenants and practices start. */
const FIRST_TENANT = 8101;
const PRACTICE_PREFIX = 'UKSIM';

export interface SimulatorOptions {
  /** 0 or absent: any free port. */
  readonly provetPort?: number;
  readonly exactPort?: number;
  readonly host?: string;
  readonly seed?: string;
  /** Tenants and practices to begin with; default none: a test adds its own. */
  readonly tenants?: number;
  readonly practices?: number;
  /** Records of each resource of those. */
  readonly records?: number;
  /** Where those tenants register themselves, again and again until it answers 200. */
  readonly hookupUrl?: string;
  readonly life?: boolean;
  readonly lifeSeconds?: number;
  readonly exactClientId?: string;
  readonly exactClientSecret?: string;
  readonly exactEnvironment?: 'qa' | 'production';
  readonly controlToken?: string | null;
  /** The middle of generated data, ms; default: Monday of this week. */
  readonly epoch?: number;
  readonly log?: Log;
}

export interface Simulator {
  readonly provet: ProvetTwin;
  readonly exact: ExactTwin;
  readonly provetUrl: string;
  readonly exactUrl: string;
  /** `127.0.0.1:3100`: the host in the ids of the Provet tenants. */
  readonly host: string;
  readonly life: LifeClock;
  readonly hookups: HookupSender;
  close(): Promise<void>;
}

/** Starts both vendors in this process. Drive them through the twins, or over HTTP through the control API. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const log = options.log ?? Log.create({ service: 'vendor-simulator', level: 'error', format: 'json' });
  const host = options.host ?? '127.0.0.1';
  const world = {
    seed: options.seed ?? 'practice-relay',
    clock: Date.now,
    // Known once the ports are open: `moveTo` follows before there is any data.
    origin: `http://${host}`,
    ...(options.epoch === undefined ? {} : { epoch: options.epoch }),
  };
  const provet = new ProvetTwin(world);
  const exact = new ExactTwin({ ...world, environment: options.exactEnvironment ?? 'qa' });
  const life = new LifeClock(provet, exact, (options.lifeSeconds ?? 5) * 1000);
  const hookups = new HookupSender(provet, log);
  const poster = new WebhookPoster(provet, log);
  const module = ControlModule.forSimulator({ provet, exact, life, hookups, token: options.controlToken ?? null });

  const provetServer = await VendorServer.open({
    host,
    port: options.provetPort ?? 0,
    setting: 'PROVET_SIMULATOR_PORT',
    about: PROVET_ABOUT,
    handle: (request) => provet.handle(request),
    module,
    log,
  });
  const exactServer = await VendorServer.open({
    host,
    port: options.exactPort ?? 0,
    setting: 'EXACT_SIMULATOR_PORT',
    about: EXACT_ABOUT,
    handle: (request) => exact.handle(request),
    module: { module: NoControlModule },
    log,
  }).catch(async (error: unknown) => {
    await provetServer.close();
    throw error;
  });

  provet.moveTo(provetServer.origin);
  exact.moveTo(exactServer.origin);
  populate(provet, exact, options);
  if (options.life === true) life.start();
  if (options.hookupUrl) hookups.registerUntilAccepted([...provet.tenants.keys()], options.hookupUrl);
  return {
    provet,
    exact,
    provetUrl: provetServer.origin,
    exactUrl: exactServer.origin,
    host: provet.host,
    life,
    hookups,
    close: async () => {
      life.stop();
      hookups.stop();
      poster.stop();
      await Promise.all([provetServer.close(), exactServer.close()]);
    },
  };
}

function populate(provet: ProvetTwin, exact: ExactTwin, options: SimulatorOptions): void {
  const records = options.records ?? 60;
  for (let number = 0; number < (options.tenants ?? 0); number++)
    provet.addTenant({ id: FIRST_TENANT + number, records });
  for (let number = 1; number <= (options.practices ?? 0); number++) {
    exact.addPractice({ id: `${PRACTICE_PREFIX}${number}`, records });
  }
  exact.addClient({
    id: options.exactClientId ?? 'practice-relay',
    secret: options.exactClientSecret ?? 'only-for-the-simulator',
  });
}
