import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const onlyConfigReadsTheEnvironment =
  'Only src/config reads the environment: add a setting to AppConfig and take it from there.';

const onlyTheHelperTouchesWorkspaces =
  'Workspace content is hostile: only the workspace helper touches it (docs/architecture.md). ' +
  'Files of our own that lie elsewhere may be read with a disabled rule that says which.';

const fileSystemModules = ['fs', 'fs/promises', 'node:fs', 'node:fs/promises'];

/** `no-restricted-imports` is one rule: a later block replaces an earlier one, so each block names all of its paths. */
const environmentImport = {
  name: 'node:process',
  importNames: ['env', 'default'],
  message: onlyConfigReadsTheEnvironment,
};

/** A rule switched off carries its reason: `// eslint-disable-next-line rule -- why`. */
const reasonRule = {
  meta: {
    type: 'suggestion',
    messages: { missing: 'Say why after `--`: a rule switched off carries its reason.' },
  },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        const switchesOff =
          /^\s*eslint-disable/.test(comment.value) || /@ts-expect-error\s*$/.test(comment.value);
        if (switchesOff && !/\s--\s+\S/.test(comment.value))
          context.report({ loc: comment.loc, messageId: 'missing' });
      }
    },
  }),
};

const sizes = {
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', { max: 5 }],
  'max-depth': ['error', 3],
  complexity: ['error', { max: 12 }],
};

export default defineConfig(
  {
    ignores: ['dist/', 'coverage/', 'data/', '.venv/', '.setup/', 'src/web/', 'src/kernel-runtime/'],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    plugins: { mntdata: { rules: { 'disable-with-reason': reasonRule } } },
    rules: { 'mntdata/disable-with-reason': 'error' },
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', 'scripts/**/*.mjs', 'docker/*.mjs'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...sizes,
      eqeqeq: 'error',
      'no-console': 'error',
      'no-param-reassign': 'error',
      'no-undef': 'off', // the type checker knows better
      '@typescript-eslint/consistent-type-exports': 'error',
      // DTOs and rows are shapes: classes only because Swagger, class-validator and TypeORM need them.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/return-await': ['error', 'always'], // a stack trace that names the caller
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
    },
  },
  {
    files: ['scripts/**/*.mjs', 'docker/*.mjs'],
    rules: {
      'no-console': 'off', // what these programs say is for the terminal
      // Types stand in JSDoc, whose casts and modifiers these rules do not see; `tsc -p scripts` does.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/prefer-readonly': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config/**', '**/*.spec.ts', '**/*.kernel-spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: onlyConfigReadsTheEnvironment },
      ],
      'no-restricted-imports': ['error', { paths: [environmentImport] }],
    },
  },
  {
    files: ['src/workspaces/**/*.ts', 'src/execution/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.kernel-spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            environmentImport,
            ...fileSystemModules.map((name) => ({ name, message: onlyTheHelperTouchesWorkspaces })),
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts', '**/*.kernel-spec.ts', '**/*.spec.mjs'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      // Answers of an HTTP client are untyped, and asserting on them is the point of a test.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off', // expect(service.method) does not call it
    },
  },
  {
    files: ['*.mjs', '*.cjs'],
    languageOptions: { globals: { module: 'writable', process: 'readonly' } },
  },
  prettier,
);
