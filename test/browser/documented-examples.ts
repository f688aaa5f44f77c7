import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../src/config/index.js';

/** How an application of each framework shows the component of the documentation, here by `show` and `hide`. */
const applications = {
  jsx: `import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { Message } from './message.jsx';
const root = createRoot(document.querySelector('#app'));
window.show = (props) => root.render(createElement(Message, props));
window.hide = () => root.render(null);`,
  svelte: `import { mount, unmount } from 'svelte';
import Message from './message.svelte';
let shown;
window.show = (props) => (shown = mount(Message, { target: document.querySelector('#app'), props }));
window.hide = () => unmount(shown);`,
};

const viteConfig = `import { svelte } from '@sveltejs/vite-plugin-svelte';
const input = import.meta.dirname + '/main.js';
export default {
  plugins: [svelte({ configFile: false })],
  build: { minify: false, rolldownOptions: { input, output: { entryFileNames: 'main.js' } } },
};`;

export type ExampleLanguage = keyof typeof applications;

/** The script of a host application around the example of docs/panel.md, which is taken word by word. */
export async function builtExample(language: ExampleLanguage, service: string): Promise<string> {
  const parent = join(PROJECT_ROOT, '.setup');
  mkdirSync(parent, { recursive: true });
  // Inside of the project, so that the frameworks are found.
  const root = mkdtempSync(join(parent, 'example-'));
  try {
    writeFileSync(join(root, `message.${language}`), documentedExample(language, service));
    writeFileSync(join(root, 'main.js'), applications[language]);
    writeFileSync(join(root, 'vite.config.mjs'), viteConfig);
    const vite = join(PROJECT_ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
    // React's development build tells on the console what it minds. A process of its own: Vite's native part does
    // not take objects that jest's modules make.
    const env = { ...process.env, NODE_ENV: 'development' };
    await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: root, env });
    return readFileSync(join(root, 'dist', 'main.js'), 'utf8');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function documentedExample(language: ExampleLanguage, service: string): string {
  const text = readFileSync(join(PROJECT_ROOT, 'docs', 'panel.md'), 'utf8');
  const [, example] = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(text) ?? [];
  if (example?.includes('https://mntdata.example') !== true)
    throw new Error(`docs/panel.md has no example in ${language} that loads the panel.`);
  return example.replaceAll('https://mntdata.example', service);
}
