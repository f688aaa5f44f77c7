import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { howToInstall, packageInstaller } from './machine.mjs';
import { registryUnreachable } from './npm-packages.mjs';
import { root, runtimeDirectory } from './paths.mjs';
import { indexUnreachable } from './pip.mjs';
import { requireLinux, requireNode, tell } from './program.mjs';
import { explain } from './python.mjs';
import { missingBubblewrap } from './rooms.mjs';
import { SetupError } from './setup-error.mjs';

const debianUser = { installer: 'apt-get install', root: false };
const readme = readFileSync(join(root, 'README.md'), 'utf8').replaceAll('\\|', '|'); // as a table shows it
const python = '/usr/bin/python3';

/**
 * @param {() => void} work
 * @returns {string} the sentence for the user; anything else is thrown on
 */
function refusal(work) {
  try {
    work();
  } catch (error) {
    if (error instanceof SetupError) return error.message;
    throw error;
  }
  return '';
}

describe('a start that cannot go on', () => {
  it.each([
    ['Node is too old', refusal(() => requireNode('v18.20.4'))],
    ['it is not Linux', refusal(() => requireLinux('darwin'))],
    ['there is no Python', explain([], debianUser)],
    ['Python is too old', explain([{ path: python, version: '3.9.2', hasVenv: true }], debianUser)],
    ['venv is missing', explain([{ path: python, version: '3.11.2', hasVenv: false }], debianUser)],
    ['bubblewrap is missing', missingBubblewrap(debianUser)],
    ['the npm registry is out of reach', registryUnreachable],
    ['the Python package index is out of reach', indexUnreachable],
    ['the port is taken', tell(Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 3000 }))],
  ])('says in the words of the README that %s', (_, sentence) => {
    expect(sentence).not.toBe('');
    expect(sentence).not.toContain('\n');
    expect(readme).toContain(`\`${sentence}\``);
  });

  it.each([
    ['AppArmor forbids', 'container=False, apparmor_restricts=True, namespaces_switched_off=None'],
    [
      'users may not',
      'container=False, apparmor_restricts=False, namespaces_switched_off="kernel.unprivileged_userns_clone=1"',
    ],
    ['a container forbids', 'container=True, apparmor_restricts=False, namespaces_switched_off=None'],
  ])('says in the words of the README that %s namespaces', (_, machine) => {
    const said = 'bwrap: Creating new namespace failed: Operation not permitted';
    const program =
      'from mntdata_runtime.check.advice import Machine, advice\n' +
      `machine = Machine(platform="linux", root=False, bubblewrap=True, installer="apt-get", ${machine})\n` +
      `print(advice(machine, "${said}"))`;
    const { stdout } = spawnSync('python3', ['-c', program], { cwd: runtimeDirectory, encoding: 'utf8' });
    expect(stdout).not.toBe('');
    expect(readme).toContain(`\`${stdout.trimEnd()}\``);
  });

  it('tells no stack for what a user can mend, and a stack for a defect', () => {
    expect(tell(new SetupError('Do this.'))).toBe('Do this.');
    expect(tell(Object.assign(new Error('In use.'), { kind: 'conflict', code: 'in_use' }))).toBe('In use.');
    expect(tell(new TypeError('x is not a function'))).toContain('sentences.spec.mjs');
  });
});

describe('a good machine', () => {
  it('is not refused', () => {
    expect(refusal(() => requireNode('v20.19.0'))).toBe('');
    expect(refusal(() => requireLinux('linux'))).toBe('');
  });
});

describe('the way to install a package', () => {
  it.each([
    ['ID=debian\n', 'apt-get install'],
    ['ID=ubuntu\nID_LIKE=debian\n', 'apt-get install'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt-get install'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf install'],
    ['ID=arch\n', 'pacman -S'],
    ['', null],
  ])('follows from %j: %s', (osRelease, installer) => {
    expect(packageInstaller(osRelease)).toBe(installer);
  });

  it('asks for sudo only where it is needed', () => {
    expect(howToInstall('x', debianUser)).toBe('run `sudo apt-get install x`');
    expect(howToInstall('x', { ...debianUser, root: true })).toBe('run `apt-get install x`');
    expect(howToInstall('x', { installer: null, root: true })).toBe('install x with your package manager');
  });
});
