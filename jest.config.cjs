/** One project a kind of test; what each may do is in CONTRIBUTING.md. */
const common = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
}
const project = (name, more = {}) => ({
  ...common,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  ...more,
})
const leaks = { setupFilesAfterEnv: ['<rootDir>/test/support/leaks.ts'] }

module.exports = {
  maxWorkers: 2,
  testTimeout: 600_000,
  projects: [
    project('unit'),
    project('contract'),
    project('integration', leaks),
    project('e2e', leaks),
    project('faults', leaks),
    project('sim'),
  ],
}
