import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/** Rules of the house; CONTRIBUTING.md says them in words. No warnings, only errors, and no exceptions by comment. */
export default tseslint.config(
  { ignores: ['dist/**', 'dist.*/**', 'node_modules/**', 'coverage/**', 'test/fixtures/**', 'gantry-out/**'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { rules: { 'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }] } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', 250],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 20],
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '(^|/)(index|[.]{1,2})$', message: 'no barrels: import the file that has it' }] },
      ],
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // Numbers in messages are what messages are for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // `void (await x)` says that a result is not wanted.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // A class of single code points is what such a class says; the rule takes them for letters with marks.
      'no-misleading-character-class': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': ['error', 400],
      'max-lines-per-function': 'off',
      'no-restricted-properties': [
        'error',
        ...['mock', 'doMock', 'unstable_mockModule'].map((property) => ({
          object: 'jest',
          property,
          message: 'a fake implements a port and passes its contract suite',
        })),
      ],
      // Matchers of jest, and answers of parsers that are not ours, are typed `any`.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Terminals and hostile names are made of control characters and odd code points.
      'no-control-regex': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['require', 'module', 'process', 'Buffer', '__dirname'],
          ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
)
