'use strict'
/** `npm start -- ARGS` is `gantry run ARGS`, in this very process, so that its signals and its pid are the command's. */
process.argv.splice(2, 0, 'run')
require('./gantry.js')
