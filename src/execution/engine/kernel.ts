/** A display as Jupyter sends it: MIME type → content (text, base64 for binary types, or JSON). */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** A value made visible: `display_data`, its update, or the last expression's value. */
export interface Display {
  readonly data: MimeBundle;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Names the display for later updates; null when it was shown without a name. */
  readonly displayId: string | null;
  /** True: replaces what was shown under `displayId`, and is dropped where nothing was. */
  readonly update: boolean;
}

/** A Python exception as the kernel told it; the traceback's lines may carry ANSI colours. */
export interface PythonError {
  readonly name: string;
  readonly value: string;
  readonly traceback: readonly string[];
}

/** What a kernel did not send of an execution's output: characters between head and tail, and displays. */
export interface LeftOutput {
  readonly stdout: number;
  readonly stderr: number;
  readonly displays: number;
}

/**
 * Hears one execution as it happens, in the kernel's order, one call at a time, and nothing after the
 * execution ended. Text comes in chunks of any size that may cut lines and escape sequences anywhere; it may
 * hold NUL and lone surrogates. Calls must return quickly and must not throw: a throw ends the wait for the
 * execution with that error.
 */
export interface ExecutionListener {
  /** The kernel took the code up. Time limits count from here. */
  started(): void;
  stdout(text: string): void;
  stderr(text: string): void;
  display(display: Display): void;
  /** The value of the last expression; a kernel may show several under one execution. */
  result(display: Display): void;
  error(error: PythonError): void;
  /** `wait`: only when the next output arrives, so that a changing picture does not flicker. */
  clearOutput(wait: boolean): void;
  /** Just before the end: the connection broke meanwhile, and some of the output may be missing. */
  outputLost(): void;
  /** The kernel bounded a flood where it came into being; told after all of the output that it let through. */
  leftOut?(flood: LeftOutput): void;
}

/** How the kernel ended an execution. */
export interface ExecuteReply {
  /** `aborted`: the kernel skipped the code, because code before it failed or was interrupted. */
  readonly status: 'ok' | 'error' | 'aborted';
  /** The kernel's own counter; null for silent and aborted code. */
  readonly executionCount: number | null;
  /** What the code raised; null unless `status` is `error`. */
  readonly error: PythonError | null;
}

export interface ExecuteOptions {
  /**
   * Ends the *waiting*, not the code: the promise rejects with the signal's reason and the listener hears no
   * more. Interrupt or shut down the kernel to stop the code.
   */
  readonly signal?: AbortSignal;
  /** Leaves no trace in the kernel's history, counter and `_`; for code of ours. */
  readonly silent?: boolean;
}

export type DeathCause = 'exited' | 'shut_down' | 'connection_lost' | 'engine_lost';

/** Why a kernel cannot be used any more. */
export interface KernelDeath {
  readonly cause: DeathCause;
  readonly message: string;
}

/**
 * One live kernel and the connection to it. Several executions may be under way; the kernel runs them one
 * after another.
 */
export interface Kernel {
  readonly id: string;
  /**
   * Process id, as this machine sees it, of the process whose family the kernel's processes are, for looks at what
   * they have mapped; null when the engine does not tell or its kernels run elsewhere.
   */
  readonly room: number | null;
  /** `dead` is final: the process ended, was shut down, or can no longer be reached. */
  readonly state: 'alive' | 'dead';

  /**
   * Runs `code` and resolves once the kernel replied *and* reported idle, so that no output is missing. Has no
   * deadline of its own. `input()` fails in the code at once.
   *
   * @throws KernelDiedError when the kernel dies, is shut down or is lost, at the latest seconds after.
   */
  execute(code: string, listener: ExecutionListener, options?: ExecuteOptions): Promise<ExecuteReply>;

  /**
   * Before a use after a pause: restores a connection that broke meanwhile. A kernel that ended, or that cannot be
   * reached within seconds, is `dead` then.
   */
  confirm(): Promise<void>;

  /**
   * Raises `KeyboardInterrupt` in the running code; resolves when the signal is sent. Does nothing to an idle
   * or dead kernel.
   *
   * @throws EngineUnavailableError when the engine does not answer in time.
   */
  interrupt(): Promise<void>;

  /**
   * Ends the kernel and its processes, alive or dead; executions under way end as died (`shut_down`).
   * Resolves when the engine says it is gone; repeating it is harmless.
   *
   * @throws EngineUnavailableError when the engine does not answer in time; the kernel may live on then.
   */
  shutdown(): Promise<void>;

  /** Closes the connection and leaves the kernel running; executions under way end as `connection_lost`. */
  detach(): void;

  /**
   * Calls back once, when the kernel dies; at once (in a microtask) if it is dead. What is left of a kernel that
   * died in the engine goes with `shutdown`. Returns the unsubscriber.
   */
  onDeath(listener: (death: KernelDeath) => void): () => void;
}
