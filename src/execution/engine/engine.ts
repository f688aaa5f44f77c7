import type { Kernel } from './kernel.js';

export interface StartKernelOptions {
  /** The name of the workspace's directory, where the kernel starts. */
  readonly directory: string;
  /** Gives up the start; a kernel that comes up nevertheless is ended. */
  readonly signal?: AbortSignal;
}

export interface EngineHealth {
  readonly ok: boolean;
  /** One sentence for an admin: what answers, or what is wrong. */
  readonly detail: string;
}

/** By what means a limit holds; `nothing`: it is set and cannot be kept here. */
export type LimitMeans = 'cgroup' | 'rlimit' | 'nice' | 'nothing';

/** A limit of every kernel. */
export interface KernelLimit {
  readonly name: 'memory' | 'processes' | 'cpu' | 'file' | 'open_files';
  /** Bytes or a count; null where there is only a preference. */
  readonly value: number | null;
  readonly by: LimitMeans;
}

/** How a kernel ended by itself. */
export interface KernelEnd {
  /** Negative for a signal, as Python's subprocess has it; null when nobody could tell. */
  readonly exitCode: number | null;
  /** The operating system ended it because it had taken all the memory it may have. */
  readonly outOfMemory: boolean;
}

/**
 * Whatever starts kernels: the managed Jupyter Server or a remote one.
 *
 * Guarantees: every call answers or fails within the engine's own deadlines (a start 60 s, anything else
 * 10 s, unless configured otherwise); a kernel that is started but cannot be connected to is ended again; a
 * kernel dies in the eyes of its users within seconds of dying in truth, and with the engine all of its
 * kernels die. Few kernels are started at a time, the others wait in order of arrival.
 */
export abstract class Engine {
  /**
   * Brings the engine up, or resolves at once if it is. A remote engine that cannot be reached yet does not
   * fail the start: `health` says so, and calls fail until it is there.
   *
   * @throws EngineUnavailableError when the managed server does not come up in time.
   */
  abstract start(signal?: AbortSignal): Promise<void>;

  /**
   * Ends the managed server with all it started and resolves when it is gone; a remote server and its kernels
   * live on, they are only let go of. Every kernel dies in the eyes of its users. Harmless when repeated.
   */
  abstract stop(): Promise<void>;

  /**
   * Starts a kernel and resolves when it answers.
   *
   * @throws EngineUnavailableError when the engine is down or does not answer in time.
   * @throws EngineFullError when as many kernels live there as may.
   * @throws KernelStartError when the engine refuses the kernel, or it dies while starting.
   */
  abstract startKernel(options: StartKernelOptions): Promise<Kernel>;

  /**
   * Connects to a kernel that runs already, started in `directory`; null when the engine does not know it. Does
   * not wait for code that the kernel is busy with.
   *
   * @throws EngineUnavailableError as above.
   */
  abstract attach(kernelId: string, directory: string): Promise<Kernel | null>;

  /**
   * Ends a kernel by its id without connecting to it; one the engine does not know is ended already.
   *
   * @throws EngineUnavailableError as above; the kernel may live on then.
   */
  abstract endKernel(kernelId: string): Promise<void>;

  /** Ids of all kernels the engine has, ours or not. @throws EngineUnavailableError as above. */
  abstract list(): Promise<string[]>;

  /** Asks the engine now; never rejects. */
  abstract health(): Promise<EngineHealth>;

  /** The limits that hold for each kernel, by what means; empty when the engine does not tell. Never rejects. */
  limits(): Promise<KernelLimit[]> {
    return Promise.resolve([]);
  }

  /** How a kernel ended that was not shut down; null when the engine does not tell. Never rejects. */
  howEnded(_kernelId: string): Promise<KernelEnd | null> {
    return Promise.resolve(null);
  }

  /** Versions of the Python libraries that its kernels have, by name; null when it does not tell. Never rejects. */
  libraries(): Promise<ReadonlyMap<string, string> | null> {
    return Promise.resolve(null);
  }

  /**
   * Calls back with a sentence when the engine is lost while it was meant to be up: once for the managed server,
   * which is restarted then, and for each kernel whose remote server cannot be reached. Returns the unsubscriber.
   */
  abstract onLost(listener: (reason: string) => void): () => void;
}
