import fc from 'fast-check';

/** Names of files in a workspace, few, so that statements meet each other's files. */
const name = fc.constantFrom('a.txt', 'b c.csv', 'sub/d.txt', 'ä.txt');

/** Around these a path begins, ends, or is none; escapes are Python's. */
const prose = fc
  .array(
    fc.constantFrom(
      ...[
        '/mnt/data',
        '/mnt/data/',
        '/mnt/database',
        '/mnt/data2',
        '/mnt/data.csv',
        'x/mnt/data',
        './mnt/data',
      ],
      ...[
        'file:///mnt/data/x',
        'https://a.example/mnt/data',
        '/mnt',
        '/data',
        '//mnt/data',
        '/',
        '.',
        ' ',
        '"',
      ],
      ...['%', 'é', '^', '~', '-', ',', '<', '>', '%2F', String.raw`\n`, String.raw`\t`, String.raw`\\`],
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** Expressions whose value is the path of a file in the workspace. */
const path = name.chain((file) =>
  fc.constantFrom(
    `'/mnt/data/${file}'`,
    `"/mnt/data/${file}"`,
    `r'/mnt/data/${file}'`,
    `f'/mnt/data/{"${file}"}'`,
    `'''/mnt/data/${file}'''`,
    `os.fsdecode(b'/mnt/data/' + '${file}'.encode())`,
    `'/mnt/data' '/${file}'`,
    `'/mnt/data' + '/' + '${file}'`,
    `'%s/${file}' % '/mnt/data'`,
    `'/mnt/data/./${file}'`,
    `str(Path('/mnt/data') / '${file}')`,
    `str(Path('/mnt/data/sub').parent.joinpath('${file}'))`,
    `os.path.join('/mnt/data', '${file}')`,
    `os.path.abspath('${file}')`,
    `os.path.realpath('/mnt/data/./${file}')`,
    `os.getcwd() + '/${file}'`,
  ),
);

const aboutPath = fc.constantFrom(
  `open(p, 'w').write('some content')`,
  `os.makedirs(os.path.dirname(p), exist_ok=True)`,
  `print(p, Path(p).exists(), os.path.relpath(p, '/mnt/data'), p.removeprefix('/mnt/data/'))`,
  `print(open(p).read())`,
  `os.remove(p)`,
  `!ls -1d {p} "$(dirname {p})" 2>&1`,
  `print(json.dumps({p: p}), quote(p), Path(p).as_uri(), f'{p!r}/mnt/data')`,
  `display({'text/html': f'<a href="{p}">', 'application/json': {p: [p]}}, raw=True)`,
  `display(p, Path(p))`,
  `raise ValueError(p)`,
  `attempt(lambda: open('/mnt/data/nothing').read() + open(p).nothing)`,
  `exec(compile(f'1 + ({p!r} 2)', 'code.py', 'exec'))`,
  `{}[p]`,
  `p`,
);

const aboutMount = fc.constantFrom(
  `!ls -1a /mnt/data /mnt/database 2>&1`,
  `!cd /mnt/data && pwd && printf '%s' /mnt/data/"x y"`,
  `!echo \\\n  /mnt/data/x`,
  `%cd /mnt/data`,
  `listed = !find /mnt/data -type f | sort\nprint(listed)`,
  `print(sorted(os.listdir('/mnt/data')), glob.glob('/mnt/data*'), sorted(glob.glob('/mnt/data/*.txt')))`,
  `print(subprocess.run(['pwd'], capture_output=True, text=True).stdout)`,
  `def where(): return '/mnt/data/x'  # in /mnt/data.\nprint(inspect.getsource(where), where())`,
  `f'/mnt/data is {os.getcwd()!r}'`,
);

const stream = fc.constantFrom('sys.stdout', 'sys.stderr');
const line = fc.oneof(
  fc.tuple(path, aboutPath).map(([value, use]) => `p = ${value}\n${use}`),
  fc
    .tuple(path, stream, fc.nat(80))
    .map(([value, to, at]) => `cut(${to}, 'to ' + ${value} + ' ', ${String(at)})`),
  fc.tuple(stream, prose).map(([to, text]) => `print('''${text} ''', file=${to})`),
  prose.map((text) => `print(repr('''${text} '''), b'/mnt/data', {'/mnt/data': 1}) # ${text}`),
  aboutMount,
);

const cell = fc.constantFrom(
  `%%writefile /mnt/data/a.txt\nnothing`,
  `%%bash\ncd /mnt/data\necho "$PWD" '/mnt/data/a' x/mnt/data`,
  `open('/mnt/data/sub/d.txt' 'w' 1)`,
  `x = '/mnt/data/a', 1 +\n`,
  `print('/mnt/da\\\nta/a.txt', os.path.exists('/mnt\\\n/data'))`,
);

/** Cells of a notebook that write, read and show paths in their workspace in all ways that code can be seen to do it. */
export const program = fc.oneof(
  { weight: 9, arbitrary: fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n')) },
  { weight: 1, arbitrary: cell },
);

/** Runs before the first program. */
export const PREPARATION = `
import glob, inspect, json, os, subprocess, sys, traceback
from pathlib import Path
from urllib.parse import quote

def cut(stream, text, at):
    for part in (text[:at], text[at:]):
        stream.write(part)
        stream.flush()

def attempt(work):
    try:
        work()
    except Exception:
        traceback.print_exc()
`;
