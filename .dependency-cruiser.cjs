/**
 * Who may import whom. The floors are those of ARCHITECTURE.md: a folder of `src/` imports lower floors only, and only through
 * the other folder's `index.ts`. `scripts/boundaries.mjs` runs this and fails when fewer modules were seen than there are.
 */
const FLOORS = [
  ['kernel'],
  ['platform'],
  ['audit', 'ledger', 'market', 'matching', 'tenancy'],
  ['identity', 'venues', 'models', 'ai'],
  ['exchange', 'trading', 'p2p', 'compliance', 'billing'],
  ['strategies', 'operations'],
  ['apps'],
]

const TEST = '\\.test\\.tsx?$'
/** For tests: what a subject offers to those who test against it. */
const FOR_TESTS = '/(testing|fake|[a-z-]+-contract)\\.ts$'
const oneOf = names => `(${names.join('|')})`

/** One rule a floor: everything that is on it sees itself and the floors below. */
const floors = FLOORS.flatMap((names, floor) =>
  names.map(name => ({
    name: `floor-${name}`,
    comment: `src/${name} is on floor ${floor}: it imports only ${FLOORS.slice(0, floor).flat().join(', ') || 'npm packages'}. A need that points upward is a port that the caller declares, or an event.`,
    severity: 'error',
    from: { path: `^src/${name}/` },
    to: { path: '^src/', pathNot: `^src/${oneOf([name, ...FLOORS.slice(0, floor).flat()])}/` },
  })),
)

module.exports = {
  floors: FLOORS,
  forbidden: [
    ...floors,
    {
      name: 'through-the-index',
      comment: "Another folder is imported through its index.ts; tests may also take its testing.ts, fake.ts and contracts.",
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'tests-through-the-index',
      comment: "A test sees the inside of its own folder; of others it takes index.ts, testing.ts, fake.ts or a contract.",
      severity: 'error',
      from: { path: `^src/([^/]+)/.*${TEST}` },
      to: { path: '^src/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', `^src/[^/]+${FOR_TESTS}`] },
    },
    {
      name: 'from-outside-through-the-index',
      comment: 'What lies beside src/ imports a folder through its index.ts; apps/ are programs and may be run by tests.',
      severity: 'error',
      from: { path: '^(simulators|bench|test|examples|scripts)/' },
      to: { path: '^src/', pathNot: ['^src/[^/]+/index\\.ts$', `^src/[^/]+${FOR_TESTS}`, '^src/apps/'] },
    },
    {
      name: 'simulators-are-low',
      comment: 'simulators/ imports kernel, platform, market and matching.',
      severity: 'error',
      from: { path: '^simulators/', pathNot: TEST },
      to: { path: '^src/', pathNot: '^src/(kernel|platform|market|matching)/' },
    },
    {
      name: 'simulators-only-for-apps-and-tests',
      comment: 'Only the composition roots, tests, benches and examples import simulators.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/apps/', TEST] },
      to: { path: '^simulators/' },
    },
    {
      name: 'source-stands-alone',
      comment: 'src/ and simulators/ import nothing of the pages, tests, benches, examples or scripts.',
      severity: 'error',
      from: { path: '^(src|simulators)/' },
      to: { path: '^(web|test|bench|examples|scripts)/' },
    },
    {
      name: 'pages-take-types-only',
      comment: 'The pages share shapes with the server (views.ts, protocol.ts), as types, and none of its code.',
      severity: 'error',
      from: { path: '^web/', pathNot: TEST },
      to: { path: '^(src|simulators)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-take-views-only',
      comment: 'What the pages share with the server is in a views.ts or in the socket protocol.',
      severity: 'error',
      from: { path: '^web/', pathNot: TEST },
      to: { path: '^(src|simulators)/', pathNot: '/(views|protocol)\\.ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'Modules that import each other in a circle cannot be understood, loaded or changed apart.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'It is not there, or not in package.json.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-packages',
      comment: 'The product runs without the packages that only development needs.',
      severity: 'error',
      from: { path: '^(src|simulators)/', pathNot: [TEST, FOR_TESTS] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^web/dist/', '^\\.cache/', '^data/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
    skipAnalysisNotInRules: true,
  },
}
