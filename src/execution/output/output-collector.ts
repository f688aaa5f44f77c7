import type { Display, ExecutionListener, LeftOutput, PythonError } from '../engine/index.js';
import type { CollectedOutput, OutputError, OutputWarning } from './collected-output.js';
import { DisplayList, type ChangedOutput, type DisplayLimits } from './display-list.js';
import { readError } from './output-error.js';
import { TerminalText } from './terminal-text.js';

export interface OutputLimits extends Partial<Omit<DisplayLimits, 'maxTextBytes'>> {
  /** Bytes of UTF-8 kept of each of stdout, stderr and result: half head, half tail. */
  readonly maxOutputBytes: number;
}

const MEBIBYTE = 1024 * 1024;

const DISPLAY_LIMITS = {
  maxDisplays: 100,
  maxDisplayBytes: 4 * MEBIBYTE,
  maxDisplaysBytes: 8 * MEBIBYTE,
  maxImageBytes: 10 * MEBIBYTE,
  maxImagesBytes: 64 * MEBIBYTE,
};

/** Of an exception's value and traceback each, unless less is kept of the output. */
const ERROR_BYTES = 64 * 1024;

const OUTPUT_LOST: OutputWarning = {
  path: null,
  code: 'output_lost',
  message: 'The connection to the kernel broke while the code ran; some of what it showed is missing.',
};

/**
 * Accumulates what one execution shows, as a notebook's cell would stand in the end, within limits: whatever a
 * kernel sends, memory stays bounded and a call costs no more than what it brings.
 */
export class OutputCollector implements ExecutionListener {
  readonly #displayLimits: DisplayLimits;
  #stdout: TerminalText;
  #stderr: TerminalText;
  #displays: DisplayList;
  #error: OutputError | null = null;
  #clearNext = false;
  #lost = false;

  constructor(private readonly limits: OutputLimits) {
    this.#displayLimits = { ...DISPLAY_LIMITS, ...limits, maxTextBytes: limits.maxOutputBytes };
    this.#clear();
  }

  started(): void {
    // Nothing is shown yet.
  }

  stdout(text: string): void {
    this.#beforeOutput();
    this.#stdout.append(text);
  }

  stderr(text: string): void {
    this.#beforeOutput();
    this.#stderr.append(text);
  }

  display(display: Display): void {
    if (display.update) {
      this.#displays.update(display);
      return;
    }
    this.#beforeOutput();
    this.#displays.show('display_data', display);
  }

  result(display: Display): void {
    this.#beforeOutput();
    this.#displays.show('execute_result', display);
  }

  error(error: PythonError): void {
    this.#beforeOutput();
    this.#error = readError(error, Math.min(ERROR_BYTES, this.limits.maxOutputBytes));
  }

  /** Takes back all that was shown, text too, as a notebook does. */
  clearOutput(wait: boolean): void {
    this.#clearNext = wait;
    if (!wait) this.#clear();
  }

  outputLost(): void {
    this.#lost = true;
  }

  leftOut({ stdout, stderr, displays }: LeftOutput): void {
    this.#stdout.leaveOut(stdout);
    this.#stderr.leaveOut(stderr);
    this.#displays.leaveOut(displays);
  }

  /** Displays that are new or changed since they were last taken. */
  takeChanges(): ChangedOutput[] {
    return this.#displays.takeChanges();
  }

  get currentError(): OutputError | null {
    return this.#error;
  }

  /** What was shown so far; may be called at any time, also while more arrives. */
  snapshot(): CollectedOutput {
    const texts = { stdout: this.#stdout.soFar(), stderr: this.#stderr.soFar(), result: this.#displays.text };
    const warnings = [...this.#displays.warnings, ...(this.#lost ? [OUTPUT_LOST] : [])];
    return {
      stdout: texts.stdout.toString(),
      stderr: texts.stderr.toString(),
      result: texts.result.toString(),
      outputs: this.#displays.outputs,
      outputsTotal: this.#displays.total,
      images: this.#displays.images,
      error: this.#error,
      truncated: Object.values(texts).some((text) => text.truncated) || warnings.some(isAboutLoss),
      warnings,
    };
  }

  #beforeOutput(): void {
    if (!this.#clearNext) return;
    this.#clearNext = false;
    this.#clear();
  }

  #clear(): void {
    this.#stdout = new TerminalText(this.limits.maxOutputBytes);
    this.#stderr = new TerminalText(this.limits.maxOutputBytes);
    this.#displays = new DisplayList(this.#displayLimits);
  }
}

function isAboutLoss(warning: OutputWarning): boolean {
  return warning.code !== 'invalid_image';
}
