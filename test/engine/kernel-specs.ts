import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PYTHON } from '../support/python-packages.js';

const LAUNCH = [PYTHON, '-m', 'ipykernel_launcher', '-f', '{connection_file}'];

/**
 * Binds the directory that the kernel was started in to /mnt/data, as an admin can do on the machine of a Jupyter
 * server. The interrupt is for the kernel, and must not end bubblewrap.
 */
const MOUNT =
  'trap "" INT; exec bwrap --die-with-parent --dev-bind / / --tmpfs /mnt --bind "$PWD" /mnt/data --chdir /mnt/data "$@"';

/** Kernel specs for servers under test, in `directory`, which belongs on JUPYTER_PATH. */
export async function writeKernelSpecs(directory: string): Promise<void> {
  await writeSpec(directory, 'plain', { argv: LAUNCH });
  await writeSpec(directory, 'mounted', { argv: ['sh', '-c', MOUNT, 'mounted', ...LAUNCH] });
}

/** Kernels in rooms of the gateway's hosts; `patience` in seconds. */
export async function writeHostedSpec(
  directory: string,
  { workspaces, patience }: { workspaces: string; patience: number },
): Promise<void> {
  const proxy = { class_name: 'mntdata_runtime.hosts.process_proxy.RoomProcessProxy' };
  await writeSpec(directory, 'hosted', {
    argv: [PYTHON, '-I', '-m', 'mntdata_runtime.hosts', '{kernel_id}'],
    env: { MNTDATA_WORKSPACES: workspaces, MNTDATA_HOST_PATIENCE_SECONDS: String(patience) },
    metadata: { process_proxy: proxy },
  });
}

async function writeSpec(directory: string, name: string, spec: Record<string, unknown>): Promise<void> {
  const home = join(directory, 'kernels', name);
  await mkdir(home, { recursive: true });
  const text = JSON.stringify({ display_name: name, language: 'python', ...spec });
  await writeFile(join(home, 'kernel.json'), text);
}
