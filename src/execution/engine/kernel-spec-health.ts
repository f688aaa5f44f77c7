import type { EngineHealth } from './engine.js';
import type { JupyterApi } from './jupyter-api.js';

/** Whether the server answers and has the kernel spec we start; never rejects. */
export async function kernelSpecHealth(api: JupyterApi, kernelName: string | null): Promise<EngineHealth> {
  try {
    const specs = await api.kernelSpecs();
    const name = kernelName ?? specs.default;
    if (specs.names.includes(name))
      return { ok: true, detail: `The engine answers and has the kernel ${name}.` };
    return {
      ok: false,
      detail: `The engine has no kernel ${name}; it has ${specs.names.join(', ') || 'none'}.`,
    };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : 'The engine does not answer.' };
  }
}
