import type { Display, ExecutionListener, LeftOutput, PythonError } from '../engine/index.js';
import type { ChangedOutput, CollectedOutput, OutputCollector } from '../output/index.js';
import type { EventBuffer } from './event-buffer.js';

/** A million prints in a tight loop become a few events a second. */
const BATCH_MS = 40;
/** Text that waits while an image is being stored; more than that is not told one by one. */
const MAX_WAITING_BYTES = 1024 ** 2;

/** Keeps a displayed image; resolves to the id of its file, or null when it is not kept. */
export type KeepImage = (output: ChangedOutput) => Promise<string | null>;

/** All that was shown up to one event: what a reader starts from who then takes the events behind it. */
export interface Checkpoint {
  lastId: number;
  output: CollectedOutput;
  /** Files of stored images by the index of their output. */
  imageIds: ReadonlyMap<number, string>;
}

type Waiting = { type: 'stdout' | 'stderr'; text: string[] } | { type: 'displays' } | { type: 'error' };

/**
 * Hears an execution and tells it twice: to the collector, for the result, and in batches to the event buffer,
 * for streams. Images are stored before their event is told, in order.
 */
export class LiveOutput implements ExecutionListener {
  private readonly imageIds = new Map<number, string>();
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly collector: OutputCollector,
    private readonly events: EventBuffer,
    private readonly keepImage: KeepImage,
  ) {}

  started(): void {
    this.collector.started();
  }

  stdout(text: string): void {
    this.collector.stdout(text);
    this.addText('stdout', text);
  }

  stderr(text: string): void {
    this.collector.stderr(text);
    this.addText('stderr', text);
  }

  display(display: Display): void {
    this.collector.display(display);
    this.add({ type: 'displays' });
  }

  result(display: Display): void {
    this.collector.result(display);
    this.add({ type: 'displays' });
  }

  error(error: PythonError): void {
    this.collector.error(error);
    this.add({ type: 'error' });
  }

  clearOutput(wait: boolean): void {
    this.collector.clearOutput(wait);
    this.forget();
  }

  outputLost(): void {
    this.collector.outputLost();
  }

  leftOut(flood: LeftOutput): void {
    this.collector.leftOut(flood);
  }

  /** The output as it is now, and the event that brings the last of it. */
  async checkpoint(): Promise<Checkpoint> {
    this.flush();
    const output = this.collector.snapshot();
    return await this.telling.then(() => ({
      output,
      lastId: this.events.lastId,
      imageIds: new Map(this.imageIds),
    }));
  }

  /** Tells what waits, and resolves when all images are stored and all events told. */
  async finish(): Promise<void> {
    this.flush();
    await this.telling;
  }

  private addText(type: 'stdout' | 'stderr', text: string): void {
    const last = this.waiting.at(-1);
    if (last?.type === type) last.text.push(text);
    else this.add({ type, text: [text] });
    this.waitingBytes += text.length;
    if (this.waitingBytes > MAX_WAITING_BYTES) this.forget();
    this.schedule();
  }

  private add(item: Waiting): void {
    if (this.waiting.at(-1)?.type !== item.type) this.waiting.push(item);
    this.schedule();
  }

  /** Who streams is told the execution so far instead of each piece. */
  private forget(): void {
    this.waiting = this.waiting.filter(({ type }) => type === 'displays');
    this.waitingBytes = 0;
    this.telling = this.telling.then(() => {
      this.events.forget();
    });
    this.schedule();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.flush();
    }, BATCH_MS);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    this.telling = this.telling.then(async () => {
      for (const item of batch) await this.tell(item);
    });
  }

  private async tell(item: Waiting): Promise<void> {
    if (item.type === 'displays') {
      for (const output of this.collector.takeChanges()) await this.tellDisplay(output);
    } else if (item.type === 'error') {
      const error = this.collector.currentError;
      if (error) this.events.append('error', { ...error }, JSON.stringify(error).length);
    } else {
      const text = item.text.join('');
      this.events.append(item.type, { text }, text.length * 2);
    }
  }

  private async tellDisplay(output: ChangedOutput): Promise<void> {
    const fileId = output.image ? await this.keepImage(output) : null;
    if (fileId === null) this.imageIds.delete(output.index);
    else this.imageIds.set(output.index, fileId);
    const data = { index: output.index, ...output.entry, file_id: fileId };
    this.events.append('display', data, output.bytes);
  }
}
