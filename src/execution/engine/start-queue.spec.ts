import { StartQueue } from './start-queue.js';

/** A start that ends when the test says so. */
class Start {
  begun = false;
  end: () => void;
  readonly #end = new Promise<void>((resolve) => (this.end = resolve));

  run = async (): Promise<void> => {
    this.begun = true;
    await this.#end;
  };
}

const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));
const begun = (starts: Start[]): boolean[] => starts.map((start) => start.begun);

describe('StartQueue', () => {
  it('lets a few run, the others in order of arrival', async () => {
    const queue = new StartQueue(2);
    const starts = [new Start(), new Start(), new Start(), new Start()] as const;
    const done = starts.map(async (start) => await queue.run(start.run));
    await settled();
    expect(begun([...starts])).toEqual([true, true, false, false]);
    starts[1].end();
    await settled();
    expect(begun([...starts])).toEqual([true, true, true, false]);
    for (const start of starts) start.end();
    await Promise.all(done);
    expect(begun([...starts])).toEqual([true, true, true, true]);
  });

  it('goes on after a start that failed', async () => {
    const queue = new StartQueue(1);
    await expect(queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.run(() => Promise.resolve(1))).toBe(1);
  });

  it('lets go of one that is given up while it waits', async () => {
    const queue = new StartQueue(1);
    const [first, givenUp, last] = [new Start(), new Start(), new Start()];
    const abort = new AbortController();
    const running = queue.run(first.run);
    const waiting = expect(queue.run(givenUp.run, abort.signal)).rejects.toThrow('enough');
    const next = queue.run(last.run);
    abort.abort(new Error('enough'));
    await waiting;
    first.end();
    last.end();
    await Promise.all([running, next]);
    expect(begun([first, givenUp, last])).toEqual([true, false, true]);
  });

  it('refuses one that is given up already', async () => {
    const start = new Start();
    await expect(new StartQueue(1).run(start.run, AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
    expect(start.begun).toBe(false);
  });
});
