import { LOG_LEVELS, defineSettings, setting, type ConfigOf } from '@relay/service-kit';

/** What the simulator reads from the environment. */
export const settings = defineSettings({
  provetPort: setting.port({
    env: 'PROVET_SIMULATOR_PORT',
    about: 'Port of the simulated Provet Cloud',
    default: 3100,
  }),
  exactPort: setting.port({ env: 'EXACT_SIMULATOR_PORT', about: 'Port of the simulated EXACT', default: 3101 }),
  host: setting.text({ env: 'HOST', about: 'Address that the ports are opened on', default: '127.0.0.1' }),
  seed: setting.text({
    env: 'SIMULATOR_SEED',
    about: 'The same seed gives the same practices, records and changes',
    default: 'practice-relay',
  }),
  hookupUrl: setting.url({
    env: 'SIMULATOR_HOOKUP_URL',
    about: 'Hookup URL where every simulated Provet tenant registers itself at start; empty = none does',
    // The address ends in the hookup secret.
    secret: true,
    default: '',
  }),
  life: setting.flag({ env: 'SIMULATOR_LIFE', about: 'Records change by themselves', default: false }),
  lifeSeconds: setting.number({
    env: 'SIMULATOR_LIFE_SECONDS',
    about: 'Pause between two changes of each vendor',
    min: 0.01,
    default: 5,
  }),
  tenants: setting.integer({
    env: 'SIMULATOR_TENANTS',
    about: 'Provet tenants that exist at start',
    min: 0,
    max: 20_000,
    default: 1,
  }),
  practices: setting.integer({
    env: 'SIMULATOR_PRACTICES',
    about: 'EXACT practices that exist at start',
    min: 0,
    max: 20_000,
    default: 1,
  }),
  records: setting.integer({
    env: 'SIMULATOR_RECORDS',
    about: 'Records of each resource in each tenant and practice',
    min: 0,
    max: 1_000_000,
    default: 60,
  }),
  exactClientId: setting.text({
    env: 'EXACT_CLIENT_ID',
    about: 'Client that the simulated EXACT accepts',
    default: 'practice-relay',
  }),
  exactClientSecret: setting.secret({
    env: 'EXACT_CLIENT_SECRET',
    about: 'Its secret',
    default: 'only-for-the-simulator',
  }),
  controlToken: setting.optionalSecret({
    env: 'SIMULATOR_CONTROL_TOKEN',
    about: 'Bearer token that the control API asks for; empty = none',
    min: 16,
  }),
  logLevel: setting.choice({
    env: 'LOG_LEVEL',
    about: 'Least important log lines that are written',
    values: LOG_LEVELS,
    default: 'info',
  }),
  logFormat: setting.choice({
    env: 'LOG_FORMAT',
    about: 'json for machines, pretty for people',
    values: ['json', 'pretty'],
    default: 'json',
  }),
});

export type SimulatorConfig = ConfigOf<typeof settings>;
