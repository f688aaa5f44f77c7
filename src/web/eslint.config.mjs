import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import main from '../../eslint.config.mjs';

/** The rules of the service, for the TypeScript of the browser side; svelte-check looks at the components. */
const shared = main.filter(({ files, ignores }) => !files && !ignores);
const strict = main.find(({ files, rules }) => files?.includes('**/*.ts') && rules?.['max-lines']);

export default defineConfig({ ignores: ['**/generated/', '**/vite.config.ts'] }, ...shared, {
  files: ['**/*.ts'],
  extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  languageOptions: {
    parserOptions: {
      project: `${import.meta.dirname}/tsconfig.json`,
      tsconfigRootDir: import.meta.dirname,
      extraFileExtensions: ['.svelte'],
    },
  },
  rules: strict.rules,
});
