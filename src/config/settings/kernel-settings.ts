import { environment } from '../environment-kind.js';
import { bytes, integer, seconds } from '../number-kinds.js';
import { derived, optional, optionalList, setting } from '../setting.js';
import { choice, directory, host, plainPath, requirements, secret, text } from '../text-kinds.js';
import { httpUrl } from '../url-kinds.js';

const MIB = 1024 ** 2;
/** What a kernel at work takes on average: Python, pandas and matplotlib are 90 MB, a small data set the rest. */
const MEMORY_PER_KERNEL = 256 * MIB;
const FEWEST_KERNELS = 4;

export const kernelsSettings = {
  idleTimeoutSeconds: setting(
    'KERNEL_IDLE_TIMEOUT_SECONDS',
    seconds({ min: 1 }),
    '1800',
    'Time without use after which a kernel is ended and its variables are lost.',
  ),
  memoryBytes: setting(
    'KERNEL_MEMORY_BYTES',
    bytes({ min: 64 * MIB }),
    '1GiB',
    'Most memory that one kernel may take.',
  ),
  memoryBudgetBytes: derived(
    'KERNEL_MEMORY_BUDGET_BYTES',
    bytes({ min: 64 * MIB }),
    "60 % of the machine's memory",
    ({ memoryBytes }) => Math.floor(memoryBytes * 0.6),
    'Most memory that all kernels may take together; past it the least recently used idle one is ended.',
  ),
  max: derived(
    'MAX_KERNELS',
    integer('kernels', { min: 1 }),
    `one for each 256 MiB of the machine's memory, at least ${String(FEWEST_KERNELS)}`,
    ({ memoryBytes }) => Math.max(FEWEST_KERNELS, Math.floor(memoryBytes / MEMORY_PER_KERNEL)),
    'Most kernels that live at a time; past it the least recently used idle one is ended.',
  ),
  maxStarts: setting(
    'MAX_KERNEL_STARTS',
    integer('kernels', { min: 1 }),
    '4',
    'Most kernels that start at a time, more wait; an Enterprise Gateway starves under dozens.',
  ),
  readyMin: setting(
    'READY_KERNELS_MIN',
    integer('kernels', { min: 0 }),
    '1',
    'Fewest kernels that wait ready for new messages; never more than a quarter of MAX_KERNELS wait.',
  ),
  readyMax: setting(
    'READY_KERNELS_MAX',
    integer('kernels', { min: 0 }),
    '4',
    'Most kernels that wait ready while new messages come quickly; 0 starts each kernel when it is needed.',
  ),
  initCode: optional(
    'KERNEL_INIT_CODE',
    text('Python code'),
    'Python code that runs once in every new kernel; several lines stand in double quotes.',
  ),
  processes: setting(
    'KERNEL_PROCESSES',
    integer('processes', { min: 8 }),
    '128',
    'Most processes and threads that one kernel may have.',
  ),
  openFiles: setting(
    'KERNEL_OPEN_FILES',
    integer('files', { min: 64 }),
    '1024',
    'Most files that one process of a kernel may have open.',
  ),
};

export const engineSettings = {
  jupyterUrl: optional(
    'JUPYTER_URL',
    httpUrl('with slash'),
    'Jupyter Server or Enterprise Gateway to use; unset, the service starts and supervises one of its own.',
  ),
  jupyterToken: optional(
    'JUPYTER_TOKEN',
    secret(),
    'Token for JUPYTER_URL, excludes JUPYTER_PASSWORD; for `npm run engine` the token that it wants.',
  ),
  jupyterPassword: optional(
    'JUPYTER_PASSWORD',
    secret(),
    'Password for JUPYTER_URL; excludes JUPYTER_TOKEN.',
  ),
  host: setting('ENGINE_HOST', host(), '127.0.0.1', 'Address that `npm run engine` listens on.'),
  port: setting(
    'ENGINE_PORT',
    integer(null, { min: 0, max: 65_535 }),
    '8888',
    'Port of `npm run engine`; 0 takes a free one.',
  ),
  kernelName: optional(
    'KERNEL_NAME',
    text('the name of a kernel spec'),
    "Kernel spec to start at JUPYTER_URL; unset, the server's default.",
  ),
  kernelEnvironment: setting(
    'KERNEL_ENV',
    environment(),
    '{}',
    'Variables for the launcher of kernels at an Enterprise Gateway; {workspace} becomes the name of the directory.',
  ),
  pathMode: setting(
    'PATH_MODE',
    choice(['mounted', 'translated']),
    'mounted',
    'Whether kernels see their workspace at /mnt/data, or paths are translated; translated needs JUPYTER_URL.',
  ),
  kernelWorkspacesDir: optional(
    'KERNEL_WORKSPACES_DIR',
    plainPath('absolute'),
    'The name that DATA_DIR/workspaces has where kernels run, without links; for PATH_MODE=translated.',
  ),
  jupyterWorkspacesPath: setting(
    'JUPYTER_WORKSPACES_PATH',
    plainPath('relative'),
    '.',
    "Path of DATA_DIR/workspaces below the root of JUPYTER_URL's server; kernels start in a directory of it.",
  ),
  sandbox: setting(
    'SANDBOX',
    choice(['on', 'off']),
    'on',
    'Whether kernels of the own engine run sealed in rooms; off gives their code the rights of the service.',
  ),
  pythonEnvironment: setting(
    'PYTHON_ENVIRONMENT',
    directory(),
    '.venv',
    'Virtual environment of the kernels, made by the first start.',
  ),
  extraRequirements: optionalList<never>(
    'EXTRA_REQUIREMENTS',
    requirements(),
    'Python packages to add to that environment.',
  ),
};
