module.exports = { semi: false, singleQuote: true, printWidth: 120, trailingComma: 'all' }
