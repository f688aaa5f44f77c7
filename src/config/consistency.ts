import type { AppConfig } from './app-config.js';

/** A combination of settings that cannot be used (`problem`) or in which one has no effect (`warning`). */
interface Rule {
  broken: (config: AppConfig) => boolean;
  says: string;
}

const PROBLEMS: readonly Rule[] = [
  {
    broken: ({ auth }) => auth.jwtSecret !== null && auth.jwksUrl !== null,
    says: 'AUTH_JWT_SECRET and AUTH_JWKS_URL are both set; tokens are verified by one of them, remove the other.',
  },
  {
    broken: ({ auth }) => auth.jwksUrl !== null && auth.issuer === null,
    says: 'AUTH_ISSUER is not set; AUTH_JWKS_URL needs it, or tokens of any issuer with that key set would pass.',
  },
  {
    broken: ({ auth }) => auth.jwksUrl !== null && auth.audience === null,
    says: 'AUTH_AUDIENCE is not set; AUTH_JWKS_URL needs it, or tokens made for other services would pass.',
  },
  {
    broken: ({ auth }) => auth.issuer !== null && auth.jwtSecret === null && auth.jwksUrl === null,
    says: 'AUTH_ISSUER is set, but no tokens are accepted; set AUTH_JWKS_URL or AUTH_JWT_SECRET too.',
  },
  {
    broken: ({ auth }) => auth.audience !== null && auth.jwtSecret === null && auth.jwksUrl === null,
    says: 'AUTH_AUDIENCE is set, but no tokens are accepted; set AUTH_JWKS_URL or AUTH_JWT_SECRET too.',
  },
  {
    broken: ({ execution }) => execution.timeoutSeconds > execution.maxTimeoutSeconds,
    says: 'EXECUTION_TIMEOUT_SECONDS is above MAX_EXECUTION_TIMEOUT_SECONDS; lower the first or raise the second.',
  },
  {
    broken: ({ kernels }) => kernels.readyMin > kernels.readyMax,
    says: 'READY_KERNELS_MIN is above READY_KERNELS_MAX; lower the first or raise the second.',
  },
  {
    broken: ({ engine }) =>
      engine.jupyterToken !== null && engine.jupyterPassword !== null && engine.jupyterUrl !== null,
    says: 'JUPYTER_TOKEN and JUPYTER_PASSWORD are both set; JUPYTER_URL takes one of them, remove the other.',
  },
  {
    broken: ({ engine }) => engine.pathMode === 'translated' && engine.jupyterUrl === null,
    says: 'PATH_MODE="translated" needs JUPYTER_URL; kernels of the own engine see their workspace at /mnt/data.',
  },
  {
    broken: ({ engine }) =>
      engine.pathMode === 'translated' && engine.jupyterUrl !== null && engine.kernelWorkspacesDir === null,
    says: 'PATH_MODE="translated" needs KERNEL_WORKSPACES_DIR, the name that DATA_DIR/workspaces has where kernels run.',
  },
  {
    broken: ({ storage }) => storage.driver === 's3' && storage.bucket === null,
    says: 'STORAGE_DRIVER="s3" needs STORAGE_S3_BUCKET, the bucket to keep files in.',
  },
  {
    broken: ({ storage }) => (storage.accessKeyId === null) !== (storage.secretAccessKey === null),
    says: 'STORAGE_S3_ACCESS_KEY_ID and STORAGE_S3_SECRET_ACCESS_KEY go together; set both or neither.',
  },
];

const WARNINGS: readonly Rule[] = [
  {
    broken: ({ engine }) => engine.kernelName !== null && engine.jupyterUrl === null,
    says: 'KERNEL_NAME has no effect without JUPYTER_URL.',
  },
  {
    broken: ({ engine }) => Object.keys(engine.kernelEnvironment).length > 0 && engine.jupyterUrl === null,
    says: 'KERNEL_ENV has no effect without JUPYTER_URL.',
  },
  {
    broken: ({ engine }) => engine.kernelWorkspacesDir !== null && engine.pathMode === 'mounted',
    says: 'KERNEL_WORKSPACES_DIR has no effect without PATH_MODE="translated".',
  },
  {
    broken: ({ engine }) => engine.jupyterPassword !== null && engine.jupyterUrl === null,
    says: 'JUPYTER_PASSWORD has no effect without JUPYTER_URL.',
  },
  {
    broken: ({ storage }) => storage.bucket !== null && storage.driver === 'disk',
    says: 'STORAGE_S3_BUCKET has no effect without STORAGE_DRIVER="s3"; files stay in DATA_DIR/artifacts.',
  },
];

/** Sentences about settings that contradict each other; empty when all is well. */
export function contradictions(config: AppConfig): string[] {
  return PROBLEMS.filter((rule) => rule.broken(config)).map((rule) => rule.says);
}

/** Sentences about settings that have no effect beside the others. */
export function withoutEffect(config: AppConfig): string[] {
  return WARNINGS.filter((rule) => rule.broken(config)).map((rule) => rule.says);
}
