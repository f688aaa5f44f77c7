import { PathTranslation } from './path-translation.js';

const REAL = '/srv/shared/0123456789abcdef0123456789abcdef';
const paths = new PathTranslation({ mount: '/mnt/data', directory: REAL });

describe('code', () => {
  it.each([
    [`open('/mnt/data/x')`, `open('${REAL}/x')`],
    [`open("/mnt/data")`, `open("${REAL}")`],
    [`r'/mnt/data/x' b'/mnt/data/x' f'/mnt/data/{x}'`, `r'${REAL}/x' b'${REAL}/x' f'${REAL}/{x}'`],
    [`"""/mnt/data/x"""`, `"""${REAL}/x"""`],
    [`'/mnt/data' + x`, `'${REAL}' + x`],
    [`'/mnt/data%s' f'/mnt/data{x}'`, `'${REAL}%s' f'${REAL}{x}'`],
    [`glob('/mnt/data/*.csv')`, `glob('${REAL}/*.csv')`],
    [`'/mnt/data/../data' '//mnt/data/x'`, `'${REAL}/../data' '/${REAL}/x'`],
    [`!cat /mnt/data/x > /mnt/data/y`, `!cat ${REAL}/x > ${REAL}/y`],
    [`!cat </mnt/data/x;ls /mnt/data&&ls`, `!cat <${REAL}/x;ls ${REAL}&&ls`],
    [`%cd /mnt/data`, `%cd ${REAL}`],
    [`%%writefile /mnt/data/x\nbody`, `%%writefile ${REAL}/x\nbody`],
    [`!x --out=/mnt/data/x PATH=/bin:/mnt/data`, `!x --out=${REAL}/x PATH=/bin:${REAL}`],
    [`'file:///mnt/data/x' 'sandbox:/mnt/data/x'`, `'file://${REAL}/x' 'sandbox:${REAL}/x'`],
    [`'a\\n/mnt/data/x\\t/mnt/data\\n'`, `'a\\n${REAL}/x\\t${REAL}\\n'`],
    [`'It is in /mnt/data.' '/mnt/data...'`, `'It is in ${REAL}.' '${REAL}...'`],
  ])('has the path in %s', (code, expected) => {
    expect(paths.code(code)).toBe(expected);
  });

  it.each([
    `'/mnt/database'`,
    `'/mnt/data2/x'`,
    `'/mnt/data_old' '/mnt/data-old' '/mnt/data~'`,
    `'/mnt/data.csv' '/mnt/data..x' f'/mnt/data.{x}' '/mnt/data.*'`,
    `'/mnt/datä'`,
    `'/mnt/dataé'`,
    `'x/mnt/data' 'x//mnt/data' './mnt/data' '../mnt/data' '~/mnt/data'`,
    `f'{x}/mnt/data' '$(pwd)/mnt/data' '**/mnt/data'`,
    `'https://example.com/mnt/data'`,
    `'\\\\n/mnt/data'`,
    `'mnt/data' '/MNT/DATA' '/mnt data'`,
    `'/mnt' + '/data'`,
  ])('stays as it is in %s', (code) => {
    expect(paths.code(code)).toBe(code);
  });

  it('goes on in the next line within a path, and keeps its lines', () => {
    expect(paths.code(`'/mnt/da\\\nta/x'`)).toBe(`'${REAL}\\\n/x'`);
    expect(paths.code(`'/mnt\\\r\n/data\\\n/x'`)).toBe(`'${REAL}\\\r\n\\\n/x'`);
    expect(paths.code(`'/mnt/data\\\nbase'`)).toBe(`'/mnt/data\\\nbase'`);
    expect(paths.code(`open( \\\n  '/mnt/data/x')`)).toBe(`open( \\\n  '${REAL}/x')`);
  });

  it.each([
    ['slashes', '/'.repeat(200_000)],
    ['backslashes', '\\'.repeat(200_000)],
    ['dots', '/mnt/data' + '.'.repeat(200_000)],
    ['continuations', '/' + '\\\n'.repeat(200_000)],
    ['paths', '/mnt/data'.repeat(50_000)],
    ['almost paths', '/mnt/dat'.repeat(50_000)],
  ])('takes no long time with many %s', (_, code) => {
    const began = performance.now();
    paths.code(`${code}/mnt/data`);
    paths.text(code);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('what comes back', () => {
  it.each([
    [`${REAL}/x`, '/mnt/data/x'],
    [`x${REAL} ${REAL}2 ${REAL}${REAL}`, 'x/mnt/data /mnt/data2 /mnt/data/mnt/data'],
    [`{"a":"${REAL.replaceAll('/', '\\/')}\\/x"}`, '{"a":"\\/mnt\\/data\\/x"}'],
    [REAL.replaceAll('/', '\\u002f'), '\\u002fmnt\\u002fdata'],
    [`path=${encodeURIComponent(REAL)}%2Fx`, 'path=%2Fmnt%2Fdata%2Fx'],
    [`${REAL.slice(0, -1)}/x /srv/shared`, `${REAL.slice(0, -1)}/x /srv/shared`],
  ])('turns %s into %s', (text, expected) => {
    expect(paths.text(text)).toBe(expected);
  });

  it('is what stood in the code', () => {
    const code = `print('/mnt/data/x', "/mnt/database", x/mnt/data) # /mnt/data.`;
    expect(paths.text(paths.code(code))).toBe(code);
  });

  it('has the path in all texts and keys of a display, as deep as is kept', () => {
    const json = { [REAL]: [`${REAL}/x`, 1, null, { path: `in ${REAL}` }] };
    const data = JSON.parse(`{"__proto__": "${REAL}"}`) as Record<string, unknown>;
    const bundle = paths.bundle({ ...data, 'text/html': `<a href="${REAL}/x">`, 'application/json': json });
    expect(Object.entries(bundle)).toContainEqual(['__proto__', '/mnt/data']);
    expect(bundle).toMatchObject({
      'text/html': '<a href="/mnt/data/x">',
      'application/json': { '/mnt/data': ['/mnt/data/x', 1, null, { path: 'in /mnt/data' }] },
    });
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    expect(paths.bundle({ 'application/json': deep })).toHaveProperty(['application/json']);
  });
});
