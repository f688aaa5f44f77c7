import { isFinal, type Execution, type ExecutionEvent, type Output, type PythonError } from '../api/types.ts';
import { Screen } from '../terminal/screen.ts';

/** A piece of output, in the order in which it came. */
export type Piece =
  | { readonly kind: 'stdout' | 'stderr'; readonly screen: Screen }
  | { readonly kind: 'display'; readonly index: number };

/** Streams that alternate on every line would make a piece for each. */
const mostPieces = 400;

/** One execution as the page sees it: fed with events, read by components. */
export class Run {
  execution: Execution;
  error = $state.raw<PythonError | null>(null);
  pieces = $state.raw<readonly Piece[]>([]);
  displays = $state.raw<ReadonlyMap<number, Output>>(new Map());
  /** Grows when a screen changed, at most once a frame. */
  revision = $state(0);
  #changing = false;
  #streamed = false;

  constructor(execution: Execution) {
    this.execution = $state.raw(execution);
    this.#replaceWith(execution);
  }

  get final(): boolean {
    return isFinal(this.execution);
  }

  apply(event: ExecutionEvent): void {
    // Who joins at the very end may be told the whole first, and then its pieces again.
    if (this.final && event.type !== 'finished') return;
    switch (event.type) {
      case 'stdout':
      case 'stderr':
        this.#streamed = true;
        this.#screenFor(event.type).append(event.text);
        this.#changed();
        break;
      case 'display':
        this.#streamed = true;
        this.#display(event.index, event.output);
        break;
      case 'error':
        this.error = event.error;
        break;
      case 'file':
        break;
      case 'started':
      case 'reset':
        this.#replaceWith(event.execution);
        break;
      case 'finished':
        this.#finish(event.execution);
        break;
    }
  }

  /** What streamed is in the order in which it came; an execution tells its streams apart only. */
  #finish(execution: Execution): void {
    if (!this.#streamed) this.#replaceWith(execution);
    this.execution = execution;
    this.error = execution.error;
  }

  #replaceWith(execution: Execution): void {
    this.execution = execution;
    this.error = execution.error;
    this.pieces = [];
    this.displays = new Map();
    for (const kind of ['stdout', 'stderr'] as const)
      if (execution[kind] !== '') this.#screenFor(kind).append(execution[kind]);
    execution.outputs.forEach((output, index) => this.#display(index, output));
    this.#changed();
  }

  #screenFor(kind: 'stdout' | 'stderr'): Screen {
    const last = this.pieces.at(-1);
    if (last?.kind === kind) return last.screen;
    if (this.pieces.length >= mostPieces) {
      const earlier = this.pieces.findLast((piece) => piece.kind === kind);
      if (earlier && earlier.kind !== 'display') return earlier.screen;
    }
    const screen = new Screen();
    this.pieces = [...this.pieces, { kind, screen }];
    return screen;
  }

  #display(index: number, output: Output): void {
    if (!this.displays.has(index)) this.pieces = [...this.pieces, { kind: 'display', index }];
    this.displays = new Map(this.displays).set(index, output);
  }

  #changed(): void {
    if (this.#changing) return;
    this.#changing = true;
    requestAnimationFrame(() => {
      this.#changing = false;
      this.revision += 1;
    });
  }
}
