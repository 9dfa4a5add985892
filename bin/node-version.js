'use strict'
/** Loaded first and written for any Node there is, so that an old one says what is wrong instead of a syntax error. */
var version = process.versions.node
var parts = version.split('.')
var major = Number(parts[0])
var minor = Number(parts[1])

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write('gantry: needs Node 20.19 or later, this is ' + version + '\n')
  process.exit(2)
}
