/** One project a kind of test; what each may do is in CONTRIBUTING.md. */
const common = {
  testEnvironment: '<rootDir>/test/support/hooks-last-environment.cjs',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
}

/** @param limitSeconds How long one test or hook may take. Jest has one such limit for all; so a set-up file sets it. */
const project = (name, limitSeconds, setUp = []) => ({
  ...common,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  globals: { gantryTestLimitSeconds: limitSeconds },
  setupFilesAfterEnv: ['time-limit.ts', ...setUp].map((file) => `<rootDir>/test/support/${file}`),
})
const NO_LEAKS = ['no-leaks.ts']

/** `npm run soak` says how long; then everything that is open may come to its end. */
const SOAK_SECONDS = Number(process.env.GANTRY_SOAK_MINUTES ?? 0) * 60 + 1_800

module.exports = {
  maxWorkers: 2,
  projects: [
    project('unit', 10),
    project('contract', 60, NO_LEAKS),
    project('integration', 120, NO_LEAKS),
    project('e2e', 600, NO_LEAKS),
    project('faults', 600, NO_LEAKS),
    project('sim', 300),
    project('image', 900, NO_LEAKS),
    project('endurance', 1_800, NO_LEAKS),
    project('soak', SOAK_SECONDS, NO_LEAKS),
  ],
}
