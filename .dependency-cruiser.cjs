/**
 * The arrows between features (docs/architecture.md): each may import those named here, and nothing else.
 * A new feature needs a line; without one its imports are errors.
 */
const belowEveryone = ['errors', 'config', 'database', 'http', 'auth', 'instance', 'libraries'];
const arrows = {
  errors: [],
  config: ['errors'],
  database: ['errors', 'config'],
  http: ['errors', 'config'],
  instance: ['errors', 'config', 'database'],
  auth: ['errors', 'config', 'database', 'http', 'instance'],
  libraries: ['config'],
  panel: ['errors', 'config', 'http'],
  storage: belowEveryone,
  workspaces: belowEveryone,
  files: [...belowEveryone, 'storage', 'workspaces'],
  execution: [...belowEveryone, 'storage', 'workspaces', 'files'],
  downloads: [...belowEveryone, 'storage', 'workspaces', 'files'],
  account: [...belowEveryone, 'files'],
  chats: [...belowEveryone, 'workspaces', 'files'],
  admin: [...belowEveryone, 'storage', 'workspaces', 'files', 'execution', 'downloads'],
  health: [...belowEveryone, 'storage', 'workspaces', 'files', 'execution', 'downloads'],
};

/** Packages that one place wraps, so that another could take their place. */
const wrapped = {
  '@jupyterlab': '^src/execution/engine/',
  ws: '^src/execution/engine/',
  '@electric-sql/pglite': '^src/database/',
  pg: '^src/database/',
  '@aws-sdk': '^src/storage/',
  '@smithy': '^src/storage/',
};

const specs = '\\.(spec|kernel-spec)\\.ts$';

/** The one list of all tables: it takes entities, and nothing else, from every feature. */
const tables = '^src/database/entities\\.ts$';

const arrowRules = Object.entries(arrows).map(([feature, allowed]) => ({
  name: `arrows-of-${feature}`,
  comment: `src/${feature} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other feature'}.`,
  severity: 'error',
  from: { path: `^src/${feature}/`, pathNot: [specs, tables] },
  to: { path: '^src/[^/]+/', pathNot: `^src/(${[feature, ...allowed].join('|')})/` },
}));

const wrappingRules = Object.entries(wrapped).map(([name, home]) => ({
  name: `only-one-place-imports-${name}`,
  comment: `${name} stays behind its adapter.`,
  severity: 'error',
  from: { path: '^src/', pathNot: [home, specs] },
  to: { path: `(^|/)node_modules/(@types/)?${name}(/|$)` },
}));

module.exports = {
  forbidden: [
    ...arrowRules,
    ...wrappingRules,
    {
      name: 'feature-without-arrows',
      comment: 'Add the feature to the arrows in .dependency-cruiser.cjs.',
      severity: 'error',
      from: {
        path: '^src/[^/]+/',
        pathNot: [`^src/(${Object.keys(arrows).join('|')})/`, '^src/(web|kernel-runtime)/'],
      },
      to: {},
    },
    {
      name: 'no-cycles',
      comment: 'Under ES modules a cycle between decorated classes is a crash.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'tables-import-only-entities',
      comment: 'A feature would load through the list of tables, and make a cycle.',
      severity: 'error',
      from: { path: tables },
      to: { path: '^src/', pathNot: '\\.entity\\.ts$' },
    },
    {
      name: 'features-only-through-index',
      comment: "Import the feature's index.ts.",
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: tables },
      // Entities need column types while the index, which lists all entities, is still loading.
      to: {
        path: '^src/[^/]+/',
        pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/database/column-types\\.ts$'],
      },
    },
    {
      name: 'root-only-through-index',
      comment: "Import the feature's index.ts.",
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'insiders-never-import-their-index',
      comment: 'Import the file itself: the index is for outsiders, and going through it makes cycles.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: specs },
      to: { path: '^src/$1/index\\.ts$' },
    },
    {
      name: 'nothing-imports-the-root',
      comment: 'main.ts and app.module.ts are the top.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'product-code-imports-no-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: specs },
      to: { path: [specs, '^test/'] },
    },
    {
      name: 'product-code-needs-no-dev-packages',
      comment: 'A production install would lack it: move the package to dependencies.',
      severity: 'error',
      from: { path: '^(src|scripts)/', pathNot: [specs, '\\.spec\\.mjs$'] },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'only-declared-packages',
      comment: 'The import works by accident: add the package to package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      comment: 'Nobody imports it: remove it, or use it.',
      severity: 'error',
      // Started by path, not imported: programs and worker threads.
      from: { orphan: true, pathNot: ['^src/main\\.ts$', '-worker\\.ts$', '\\.d\\.ts$', specs] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/(web|kernel-runtime)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
