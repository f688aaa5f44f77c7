import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';
import { notInContainers } from './not-in-containers.mjs';

const suffix = /\.(e2e|processes)-spec\.ts$/;
const startsService = /\b(aService|TestService|SeveralProcesses\.start)\(/;
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => suffix.test(path))
  .map((path) => join('test', path));

describe('the end-to-end files that are not run in containers', () => {
  it('are there, and among them all that start no service by itself, which would prove nothing there', () => {
    const paths = files.map((path) => path.replace(suffix, ''));
    expect(Object.keys(notInContainers).filter((path) => !paths.includes(path))).toEqual([]);
    const without = files.filter((path) => !startsService.test(readFileSync(join(root, path), 'utf8')));
    expect(without.filter((path) => !(path.replace(suffix, '') in notInContainers))).toEqual([]);
  });
});
