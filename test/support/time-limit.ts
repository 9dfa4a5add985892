/** Gives every test and hook of a project its limit, as `jest.config.cjs` has it. A test may still set its own. */
const { gantryTestLimitSeconds } = globalThis as typeof globalThis & { gantryTestLimitSeconds: number }

jest.setTimeout(gantryTestLimitSeconds * 1_000)
