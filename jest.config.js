export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/internal/testing/jest-transform.js' },
  testMatch: ['<rootDir>/{cmd,internal,pkg}/**/*.test.ts'],
  // Two processes, each begun anew when it has grown: one alone is slow with the leavings of hundreds of suites.
  maxWorkers: 2,
  workerIdleMemoryLimit: '600MB',
  testTimeout: 30_000, // a busy machine decides no test
  coverageProvider: 'v8',
  collectCoverageFrom: ['{cmd,internal,pkg}/**/*.ts', '!**/*.{test,suite,e2e}.ts', '!internal/testing/**'],
};
