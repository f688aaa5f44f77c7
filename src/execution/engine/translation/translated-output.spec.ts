import { PathTranslation } from './path-translation.js';
import { translatedError } from './translated-output.js';

const REAL = '/srv/shared/0123456789abcdef0123456789abcdef';
const paths = new PathTranslation({ mount: '/mnt/data', directory: REAL });

describe('an error', () => {
  it('names the path as its code did, however its lines are coloured, and marks the same place', () => {
    const coloured = REAL.replaceAll('/', '\x1b[36m/\x1b[39m');
    const error = {
      name: 'SyntaxError',
      value: `bad (${REAL}/x.py, line 1)`,
      traceback: [`Cell 1\n    f('${coloured}' 1)\n      ${' '.repeat(REAL.length + 3)}^`, `in ${REAL}`],
    };
    expect(translatedError(error, paths)).toEqual({
      name: 'SyntaxError',
      value: 'bad (/mnt/data/x.py, line 1)',
      traceback: [
        `Cell 1\n    f('/mnt/data' 1)\n      ${' '.repeat('/mnt/data'.length + 3)}^`,
        'in /mnt/data',
      ],
    });
  });
});
