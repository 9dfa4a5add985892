'use strict'
/**
 * Node's environment, in which the leak check runs after the file's own `afterAll` hooks. Jest runs them in order of
 * definition, and a set-up file defines its hook before the test file does.
 */
const { TestEnvironment } = require('jest-environment-node')

module.exports = class HooksLastEnvironment extends TestEnvironment {
  handleTestEvent({ name }, { rootDescribeBlock }) {
    if (name !== 'run_start') return
    const isLast = (hook) => hook.type === 'afterAll' && hook.fn.name === 'endLeftovers'
    const { hooks } = rootDescribeBlock
    rootDescribeBlock.hooks = [...hooks.filter((hook) => !isLast(hook)), ...hooks.filter(isLast)]
  }
}
