import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    'bench/node_modules/',
    'bench/.cache/',
    'build/',
    'build-cmake/',
    'dist/',
    'docs/api/',
    'out/',
  ]),
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['bench/**/*.d.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.scripts.json' } },
  },
  {
    // chai asserts with properties (`to.be.true`) and mocha wants `function` for its context.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      'no-console': 'off',
    },
  },
  {
    // Undefined names in plain JavaScript are found by tsc (tsconfig.scripts.json).
    files: ['**/*.js', '**/*.mjs'],
    rules: { 'no-undef': 'off', eqeqeq: ['error', 'always', { null: 'ignore' }] },
  },
  {
    files: ['examples/start/page/**'],
    languageOptions: { globals: globals.browser },
    rules: { 'no-undef': 'error' },
  },
);
