import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from './configuration.error.js';
import { loadConfig, type ConfigSources } from './load-config.js';
import { PROJECT_ROOT } from './project-root.js';

const machine = { memoryBytes: 4 * 1024 ** 3, cores: 2 };

function load(env: Record<string, string | undefined>, sources: ConfigSources = {}) {
  return loadConfig({ env, file: null, machine, warn: () => undefined, ...sources });
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

function warningsOf(env: Record<string, string>): string[] {
  const warnings: string[] = [];
  load(env, { warn: (sentence) => warnings.push(sentence) });
  return warnings;
}

describe('loadConfig', () => {
  it('has a sensible default for everything', () => {
    const config = load({});
    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: null,
      instanceUrl: null,
      corsOrigins: [],
      logLevel: 'info',
      shutdownGraceSeconds: 20,
    });
    expect(config.data.dir).toBe(join(PROJECT_ROOT, 'data'));
    expect(config.files.maxGeneratedFileBytes).toBe(512 * 1024 ** 2);
    expect(config.workspaces).toMatchObject({ maxBytes: 2 * 1024 ** 3, maxFiles: 20_000, retentionDays: 7 });
    expect(config.execution).toMatchObject({ maxConcurrent: 16, maxOutputBytes: 1024 ** 2 });
    expect(config.kernels).toMatchObject({
      max: 16,
      memoryBudgetBytes: Math.floor(machine.memoryBytes * 0.6),
    });
    expect(config.engine).toMatchObject({ jupyterUrl: null, sandbox: 'on', extraRequirements: [] });
  });

  it('is frozen to its leaves', () => {
    const config = load({ CORS_ORIGINS: 'https://a.example' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.server)).toBe(true);
    expect(Object.isFrozen(config.server.corsOrigins)).toBe(true);
  });

  it('treats an empty value as not set', () => {
    expect(load({ PORT: '', DATABASE_URL: ' ', MAX_KERNELS: '' })).toEqual(load({}));
  });

  it('takes decimals for seconds and days, and any rate', () => {
    const config = load({
      WORKSPACE_RETENTION_DAYS: '0.00005',
      EXECUTION_TIMEOUT_SECONDS: '0.5',
      RATE_LIMIT_PER_MINUTE: '1000000000000',
    });
    expect(config.workspaces.retentionDays).toBe(0.00005);
    expect(config.execution.timeoutSeconds).toBe(0.5);
    expect(config.execution.rateLimitPerMinute).toBe(1e12);
  });

  it.each([
    ['1048576', 1_048_576],
    ['1MiB', 1_048_576],
    ['1.5GiB', 1_610_612_736],
    ['500MB', 500_000_000],
    ['2 KiB', 2048],
  ])('reads the size %s', (raw, size) => {
    expect(load({ MAX_UPLOAD_BYTES: raw }).files.maxUploadBytes).toBe(size);
  });

  it('gives extensions in one form', () => {
    expect(load({ TRACKED_EXTENSIONS: 'csv, .XLSX,tar.gz' }).files.trackedExtensions).toEqual([
      '.csv',
      '.xlsx',
      '.tar.gz',
    ]);
  });

  it('takes requirements, or the path of a file of them', () => {
    const read = (raw: string) => load({ EXTRA_REQUIREMENTS: raw }).engine.extraRequirements;
    expect(read(' polars  scikit-learn>=1.5,<2 ')).toEqual(['polars', 'scikit-learn>=1.5,<2']);
    expect(read('./extra.txt')).toEqual(['./extra.txt']);
  });

  it('reads environment variables, and passes on as JSON what is no text', () => {
    const volumes = [{ name: 'workspaces', subPath: '{workspace}' }];
    const raw = JSON.stringify({ KERNEL_USERNAME: 'mntdata', KERNEL_VOLUMES: volumes, KERNEL_GID: 100 });
    expect(load({ KERNEL_ENV: raw }).engine.kernelEnvironment).toEqual({
      KERNEL_USERNAME: 'mntdata',
      KERNEL_VOLUMES: JSON.stringify(volumes),
      KERNEL_GID: '100',
    });
  });

  it.each(['{', '[]', 'null', '{"A B": "x"}', JSON.stringify({ A: 'x'.repeat(4097) })])(
    'refuses the environment variables %.20s, without showing them',
    (raw) => {
      const [problem] = problemsOf({ KERNEL_ENV: raw });
      expect(problem).toMatch(/^KERNEL_ENV \(its value is not shown\)/);
    },
  );

  it('normalises URLs', () => {
    const config = load({
      PUBLIC_URL: 'https://Files.example.org/api/',
      JUPYTER_URL: 'http://gateway:8888/base',
      CORS_ORIGINS: 'https://chat.example.org,http://localhost:5173',
    });
    expect(config.server.publicUrl).toBe('https://files.example.org/api');
    expect(config.engine.jupyterUrl).toBe('http://gateway:8888/base/');
    expect(config.server.corsOrigins).toEqual(['https://chat.example.org', 'http://localhost:5173']);
  });

  it.each([
    ['PORT', '80a'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['HOST', 'http://localhost'],
    ['HOST', 'localhost:80'],
    ['PUBLIC_URL', 'files.example.org'],
    ['PUBLIC_URL', 'https://x.example/?a=1'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['CORS_ORIGINS', 'a.example'],
    ['LOG_LEVEL', 'verbose'],
    ['SHUTDOWN_GRACE_SECONDS', 'soon'],
    ['DATABASE_POOL_SIZE', '1'],
    ['AUTH_JWKS_URL', 'ftp://keys.example'],
    ['AUTH_ALGORITHMS', 'HS256'],
    ['WORKSPACE_SCOPE', 'user'],
    ['WORKSPACE_RETENTION_DAYS', '0'],
    ['WORKSPACE_MAX_BYTES', '2G'],
    ['CLEANUP_CRON', '61 * * * *'],
    ['CLEANUP_CRON', 'hourly'],
    ['LEASE_SECONDS', '0.5'],
    ['TRACKED_EXTENSIONS', '*.csv'],
    ['MAX_FILES_PER_EXECUTION', '1.5'],
    ['EXECUTION_TIMEOUT_SECONDS', '1e400'],
    ['KERNEL_MEMORY_BYTES', '1MiB'],
    ['MAX_KERNELS', '0'],
    ['JUPYTER_URL', 'http://:token@gateway:8888'],
    ['SANDBOX', 'false'],
    ['PATH_MODE', 'linked'],
    ['KERNEL_WORKSPACES_DIR', 'workspaces'],
    ['KERNEL_WORKSPACES_DIR', '/'],
    ['KERNEL_WORKSPACES_DIR', '/srv/my files'],
    ['KERNEL_WORKSPACES_DIR', '/srv/../files'],
    ['JUPYTER_WORKSPACES_PATH', '/srv'],
    ['JUPYTER_WORKSPACES_PATH', '../srv'],
    ['EXTRA_REQUIREMENTS', '--index-url=x'],
  ])('refuses %s=%s with one sentence that names both', (key, value) => {
    const problems = problemsOf({ [key]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${key}=${JSON.stringify(value)}`);
    expect(problems[0]).toMatch(/; expected .+\.$/);
  });

  it.each([
    ['DATABASE_URL', 'mysql://user:hunter2@db/x'],
    ['AUTH_JWT_SECRET', 'hunter2'],
    ['SECRET_KEY', 'hunter2'],
  ])('does not show the bad value of %s', (key, value) => {
    const problems = problemsOf({ [key]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(key);
    expect(problems[0]).not.toContain('hunter2');
  });

  it('tells all bad keys at once', () => {
    expect(problemsOf({ PORT: 'x', SANDBOX: 'x', MAX_KERNELS: 'x' })).toHaveLength(3);
  });

  it.each<[string, Record<string, string>]>([
    ['AUTH_ISSUER', { AUTH_JWKS_URL: 'https://a.example/keys', AUTH_AUDIENCE: 'x' }],
    ['AUTH_AUDIENCE', { AUTH_JWKS_URL: 'https://a.example/keys', AUTH_ISSUER: 'x' }],
    ['AUTH_ISSUER', { AUTH_ISSUER: 'x' }],
    ['AUTH_AUDIENCE', { AUTH_AUDIENCE: 'x' }],
    [
      'AUTH_JWT_SECRET',
      {
        AUTH_JWT_SECRET: 'x'.repeat(32),
        AUTH_JWKS_URL: 'https://a.example/keys',
        AUTH_ISSUER: 'x',
        AUTH_AUDIENCE: 'x',
      },
    ],
    ['EXECUTION_TIMEOUT_SECONDS', { EXECUTION_TIMEOUT_SECONDS: '601' }],
    ['JUPYTER_TOKEN', { JUPYTER_URL: 'http://j', JUPYTER_TOKEN: 'x', JUPYTER_PASSWORD: 'x' }],
    ['PATH_MODE', { PATH_MODE: 'translated' }],
    ['KERNEL_WORKSPACES_DIR', { PATH_MODE: 'translated', JUPYTER_URL: 'http://j' }],
  ])('refuses a contradiction about %s', (key, env) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(key);
  });

  it.each([
    ['MAX_UPLOAD_BYTE', 'MAX_UPLOAD_BYTES'],
    ['WORKSPACE_RETENTON_DAYS', 'WORKSPACE_RETENTION_DAYS'],
    ['max_kernels', 'MAX_KERNELS'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ])('asks whether %s was meant to be %s', (name, meant) => {
    const warnings = warningsOf({ [name]: 'anything' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${name} `);
    expect(warnings[0]).toContain(`${meant}?`);
    expect(warnings[0]).not.toContain('anything');
  });

  it('keeps quiet about names that are nobody’s typo', () => {
    const ordinary = [
      'PATH',
      'HOME',
      'HOSTNAME',
      'PWD',
      'SHELL',
      'LANG',
      'TERM',
      'USER',
      'EXTRA_PORT',
      'NODE_ENV',
    ];
    expect(warningsOf(Object.fromEntries(ordinary.map((name) => [name, 'x'])))).toEqual([]);
  });

  it('warns about a setting without effect', () => {
    expect(warningsOf({ KERNEL_NAME: 'python3' })).toEqual([
      'KERNEL_NAME has no effect without JUPYTER_URL.',
    ]);
  });

  describe('with a file', () => {
    let directory: string;
    let file: string;

    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'mntdata-config-'));
      file = join(directory, '.env');
    });
    afterEach(() => {
      rmSync(directory, { recursive: true });
    });

    it('reads it, and lets the environment win, also with an empty value', () => {
      writeFileSync(file, 'PORT=4000\nHOST=0.0.0.0\nMAX_KERNELS=3 # few\nKERNEL_INIT_CODE="a = 1\\nb = 2"\n');
      const config = load({ PORT: '5000', HOST: '' }, { file });
      expect(config.server).toMatchObject({ port: 5000, host: '127.0.0.1' });
      expect(config.kernels).toMatchObject({ max: 3, initCode: 'a = 1\nb = 2' });
    });

    it('does without a file that is not there', () => {
      expect(load({}, { file }).server.port).toBe(3000);
    });

    it('says so when it cannot be read', () => {
      expect(() => load({}, { file: directory })).toThrow(ConfigurationError);
    });
  });
});
