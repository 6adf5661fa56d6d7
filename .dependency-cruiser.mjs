// The boundaries of the house (ARCHITECTURE.md): who may import whom. `npm run check` applies them.
const TEST = '\\.(spec|int-spec|slow-spec|e2e-spec)\\.ts$';
/** Code that only tests run. */
const TEST_CODE = [TEST, '^libs/testing/', '/(conformance|test-support)/'];
const APPS = '^apps/([^/]+)/';
const LIBS = '^libs/([^/]+)/';

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-app-imports-an-app',
      comment: 'Services meet on Kafka and over HTTP only.',
      severity: 'error',
      from: { path: APPS },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-lib-imports-an-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'libs-are-entered-by-their-index',
      comment: 'What a lib does not export is its own business.',
      severity: 'error',
      from: { path: LIBS },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'libs-are-entered-by-their-index-from-outside',
      severity: 'error',
      from: { pathNot: '^libs/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'core-is-pure',
      comment: "The engine's decisions run in tests on a virtual clock: no framework, no driver.",
      severity: 'error',
      from: { path: ['^libs/sync-engine/src/core/', '^libs/sync-engine/src/presence/core/'], pathNot: TEST },
      to: {
        path: '(^|/)node_modules/(@nestjs|kafkajs|typeorm|pg)(/|$)|^libs/(kafka|database|service-kit)/',
      },
    },
    {
      name: 'sync-engine-knows-no-vendor',
      comment: 'A connector knows the engine, never the other way round; the engine makes no HTTP call to a vendor.',
      severity: 'error',
      from: { path: '^libs/sync-engine/', pathNot: TEST },
      to: { path: '^libs/vendor-twins/|(^|/)node_modules/undici(/|$)' },
    },
    {
      name: 'kafkajs-only-in-libs-kafka',
      comment: 'So that replacing the client stays one room’s work.',
      severity: 'error',
      from: { pathNot: '^libs/kafka/' },
      to: { path: '(^|/)node_modules/kafkajs(/|$)' },
    },
    {
      name: 'typeorm-only-where-data-are-kept',
      severity: 'error',
      from: { pathNot: ['^libs/database/', '/(adapters|persistence)/', TEST] },
      to: { path: '(^|/)node_modules/(typeorm|@nestjs/typeorm)(/|$)' },
    },
    {
      name: 'twins-are-pure',
      comment: 'The vendor twins are state and rules; HTTP and timers are the simulator’s.',
      severity: 'error',
      from: { path: '^libs/vendor-twins/', pathNot: TEST },
      to: { path: '^(node:)?(http|https|net|timers)$|(^|/)node_modules/(fastify|undici|@nestjs)(/|$)' },
    },
    {
      name: 'testing-only-in-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: TEST_CODE },
      to: { path: '^libs/testing/|/test-support/|(^|/)node_modules/vitest(/|$)' },
    },
    {
      name: 'no-tools-in-production',
      comment: 'Fault points are armed from outside; nothing in a service imports what arms them.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: TEST_CODE },
      to: { path: '^(tools|test)/' },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      // The tools import built apps by a path that exists only after a build.
      to: { couldNotResolve: true, pathNot: '^dist/' },
    },
    {
      name: 'no-dev-packages-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: TEST_CODE },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules|test/\\.artifacts)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // `types` first: `#kafka` and its like then mean the source, not the build.
      conditionNames: ['types', 'import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
