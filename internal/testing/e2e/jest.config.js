import base from '../../../jest.config.js';

/** The tests that start the real server and drive it with real clients. */
export default {
  ...base,
  rootDir: '../../..',
  testEnvironment: '<rootDir>/internal/testing/failure-environment.js',
  testMatch: ['<rootDir>/internal/testing/e2e/**/*.e2e.ts'],
  reporters: ['default', '<rootDir>/internal/testing/skips-reporter.js'],
  testTimeout: 60_000,
  maxWorkers: 3, // they mostly wait for clients and clocks
};
