import type { Engine } from '../../src/execution/engine/engine.js';
import { KernelDiedError } from '../../src/execution/engine/engine.errors.js';
import type { Kernel } from '../../src/execution/engine/kernel.js';
import { RecordingListener } from './recording-listener.js';

/** An engine under test, with the things outside of it that the contract needs. */
export interface EngineSubject {
  readonly engine: Engine;
  /** Makes a directory that a kernel can start in. */
  makeDirectory(name: string): Promise<void>;
  /** Ends the server behind the engine by SIGKILL. */
  killServer(): Promise<void>;
  tearDown(): Promise<void>;
}

export interface EngineCapabilities {
  /** Kernels can show text with lone surrogates; ipykernel alone fails to encode it. */
  readonly loneSurrogates: boolean;
  /** The kernel tells the code that its message is too long, before anything is sent. */
  readonly refuseLongMessages: boolean;
}

const SECONDS = 1000;

/** What every engine guarantees, tried on real kernels. */
export function describeEngine(
  name: string,
  makeSubject: () => Promise<EngineSubject>,
  can: EngineCapabilities,
): void {
  describe(name, () => {
    let subject: EngineSubject;
    let directories = 0;

    beforeAll(async () => {
      subject = await makeSubject();
      await subject.engine.start();
    }, 60 * SECONDS);

    afterAll(async () => {
      await subject.engine.stop();
      await subject.tearDown();
    }, 60 * SECONDS);

    async function startKernel(directory = `workspace${String((directories += 1))}`): Promise<Kernel> {
      await subject.makeDirectory(directory);
      return await subject.engine.startKernel({ directory });
    }

    describe('an execution', () => {
      let kernel: Kernel;
      let listener: RecordingListener;

      beforeAll(async () => {
        kernel = await startKernel();
      }, 60 * SECONDS);
      beforeEach(() => {
        listener = new RecordingListener();
      });
      afterAll(async () => await kernel.shutdown(), 60 * SECONDS);

      it('prints, and says that it started first', async () => {
        const reply = await kernel.execute('import sys; print("a"); print("b", file=sys.stderr)', listener);
        expect(reply).toMatchObject({ status: 'ok', error: null });
        expect([listener.out, listener.err]).toEqual(['a\n', 'b\n']);
        expect(listener.events[0]).toBe('started');
      });

      it('keeps the state of the one before', async () => {
        await kernel.execute('kept = 41', listener);
        await kernel.execute('kept + 1', listener);
        expect(listener.displays[0]?.data).toEqual({ 'text/plain': '42' });
        expect(listener.events.filter((event) => event !== 'started')).toEqual(['result']);
      });

      it('leaves no trace when it is silent', async () => {
        const before = await kernel.execute('1', listener);
        const silent = await kernel.execute('2', listener, { silent: true });
        const after = await kernel.execute('3', listener);
        expect(silent.executionCount).toBeNull();
        expect(after.executionCount).toBe((before.executionCount ?? 0) + 1);
      });

      it('tells the error of silent code', async () => {
        const reply = await kernel.execute('1/0', listener, { silent: true });
        expect(reply).toMatchObject({ status: 'error', error: { name: 'ZeroDivisionError' } });
        expect(listener.errors).toMatchObject([{ name: 'ZeroDivisionError', value: 'division by zero' }]);
      });

      it('tells an error once, with its traceback, and the next one runs', async () => {
        const reply = await kernel.execute('def f(): raise ValueError("no")\nf()', listener);
        expect(reply).toMatchObject({ status: 'error', error: { name: 'ValueError', value: 'no' } });
        expect(listener.errors).toHaveLength(1);
        expect(listener.errors[0]?.traceback.join('\n')).toContain('ValueError');
        expect(await kernel.execute('1', listener)).toMatchObject({ status: 'ok' });
      });

      it('shows, updates and clears displays in order', async () => {
        await kernel.execute(
          [
            'from IPython.display import display, clear_output, HTML',
            'handle = display(HTML("<b>1</b>"), display_id="one")',
            'handle.update(HTML("<b>2</b>"))',
            'clear_output(wait=True)',
            'display({"text/plain": "raw"}, raw=True)',
          ].join('\n'),
          listener,
        );
        expect(listener.events).toEqual(['started', 'display', 'update', 'clear later', 'display']);
        expect(listener.displays.map(({ displayId, update }) => [displayId, update])).toEqual([
          ['one', false],
          ['one', true],
          [null, false],
        ]);
        expect(listener.displays[1]?.data['text/html']).toBe('<b>2</b>');
      });

      it('refuses input at once', async () => {
        const { status, error } = await kernel.execute('input("name?")', listener);
        expect(status).toBe('error');
        expect(error?.name).toMatch(/^(EOFError|StdinNotImplementedError)$/);
      });

      it('refuses input also to code that makes the kernel ask for it', async () => {
        const reply = await kernel.execute('get_ipython().kernel._allow_stdin = True\ninput()', listener);
        expect(reply).toMatchObject({ status: 'error', error: { name: 'EOFError' } });
      });

      it('can be interrupted', async () => {
        const running = kernel.execute('print("on", flush=True)\nwhile True: pass', listener);
        await listener.printed('on');
        await kernel.interrupt();
        expect(await running).toMatchObject({ status: 'error', error: { name: 'KeyboardInterrupt' } });
        expect(await kernel.execute('1', listener)).toMatchObject({ status: 'ok' });
      });

      it('is no longer waited for when the signal says so, and its output reaches nobody', async () => {
        const abort = new AbortController();
        const code = 'import time\nprint("on", flush=True)\ntime.sleep(0.3)\nprint("late")';
        const running = kernel.execute(code, listener, { signal: abort.signal });
        await listener.printed('on');
        abort.abort(new Error('enough'));
        await expect(running).rejects.toThrow('enough');
        const next = new RecordingListener();
        await kernel.execute('print("next")', next);
        expect([listener.out, next.out]).toEqual(['on\n', 'next\n']);
      });

      it('ends with the error of a listener that throws', async () => {
        listener.stdout = () => {
          throw new Error('the listener is broken');
        };
        await expect(kernel.execute('print(1)', listener)).rejects.toThrow('the listener is broken');
        expect(await kernel.execute('1', new RecordingListener())).toMatchObject({ status: 'ok' });
      });

      it('survives malformed messages that code sends on the channels of its kernel', async () => {
        const forge = [
          'kernel = get_ipython().kernel',
          'def send(type, content):',
          '    kernel.session.send(kernel.iopub_socket, type, content=content, parent=kernel.get_parent())',
          'send("stream", {"name": 5, "text": {}})',
          'send("display_data", {"data": [1], "transient": 7})',
          'send("error", {"ename": 1, "traceback": "no list"})',
          'send("status", {"execution_state": None})',
          'send("nonsense", {})',
          'print("alive")',
        ];
        const reply = await kernel.execute(forge.join('\n'), listener);
        expect(reply).toMatchObject({ status: 'ok' });
        expect(listener.out).toBe('alive\n');
      });

      it('loses only output when more is shown at once than fits a message', async () => {
        // Past what shows things, which leaves this out already.
        const send = [
          'after, kernel = 7, get_ipython().kernel',
          'content = {"data": {"text/plain": "x" * (40 << 20)}, "metadata": {}, "transient": {}}',
          'kernel.session.send(kernel.iopub_socket, "display_data", content=content, parent=kernel.get_parent())',
        ];
        const reply = await kernel.execute(send.join('\n'), listener);
        if (can.refuseLongMessages) {
          expect(reply.error?.name).toBe('ValueError');
        } else {
          expect(listener.events).toContain('lost');
          // Whether the reply is among what the broken connection took along is a matter of luck.
          expect(reply.error?.name ?? 'OutputLost').toBe('OutputLost');
        }
        await kernel.execute('after', listener);
        expect(listener.displays.at(-1)?.data).toEqual({ 'text/plain': '7' });
      }, 60_000);

      it('ends also when it floods its kernel with displays, and the next one loses nothing', async () => {
        const flood = 'for i in range(5000): display({"text/plain": str(i)}, raw=True)';
        expect(await kernel.execute(flood, listener)).toMatchObject({ status: 'ok' });
        const next = new RecordingListener();
        await kernel.execute('print("next")', next);
        expect(next.out).toBe('next\n');
      }, 60_000);

      (can.loneSurrogates ? it : it.skip)('carries NUL and lone surrogates', async () => {
        await kernel.execute(String.raw`print('a\0b\ud800')`, listener);
        expect(listener.out).toBe('a\0b\ud800\n');
      });
    });

    it('keeps two kernels apart that run at the same time', async () => {
      const kernels = await Promise.all([startKernel(), startKernel()]);
      const listeners = [new RecordingListener(), new RecordingListener()] as const;
      const code = (who: string): string =>
        `import time\nfor i in range(20):\n    print("${who}", i, flush=True)\n    time.sleep(0.005)`;
      await Promise.all([
        kernels[0].execute(code('a'), listeners[0]),
        kernels[1].execute(code('b'), listeners[1]),
      ]);
      const lines = (who: string): string =>
        Array.from({ length: 20 }, (_, i) => `${who} ${String(i)}\n`).join('');
      expect(listeners.map((listener) => listener.out)).toEqual([lines('a'), lines('b')]);
      await Promise.all(kernels.map(async (kernel) => await kernel.shutdown()));
    }, 60_000);

    it('lists kernels, attaches to a live one with its state, and ends it by its id', async () => {
      const directory = 'to-attach';
      const kernel = await startKernel(directory);
      await kernel.execute('kept = 1', new RecordingListener());
      kernel.detach();
      expect(kernel.state).toBe('dead');
      expect(await subject.engine.list()).toContain(kernel.id);

      const listener = new RecordingListener();
      const again = await subject.engine.attach(kernel.id, directory);
      await again?.execute('print(kept)', listener);
      expect(listener.out).toBe('1\n');

      await subject.engine.endKernel(kernel.id);
      expect(await subject.engine.attach(kernel.id, directory)).toBeNull();
      await subject.engine.endKernel(kernel.id);
    }, 60_000);

    it('tells that a kernel died under its code', async () => {
      const kernel = await startKernel();
      const death = new Promise((resolve) => kernel.onDeath(resolve));
      const since = Date.now();
      const error: unknown = await kernel
        .execute('import os; os._exit(1)', new RecordingListener())
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(KernelDiedError);
      expect(error).toMatchObject({ death: { cause: 'exited' } });
      expect(await death).toMatchObject({ cause: 'exited' });
      expect(Date.now() - since).toBeLessThan(10 * SECONDS);
      await expect(kernel.execute('1', new RecordingListener())).rejects.toBeInstanceOf(KernelDiedError);
      await kernel.shutdown();
      expect(await subject.engine.list()).not.toContain(kernel.id);
    }, 60_000);

    it('ends what runs in a kernel that is shut down', async () => {
      const kernel = await startKernel();
      const listener = new RecordingListener();
      const running = kernel.execute('print("on", flush=True)\nwhile True: pass', listener);
      const ended = expect(running).rejects.toMatchObject({ death: { cause: 'shut_down' } });
      await listener.printed('on');
      await kernel.shutdown();
      await ended;
      expect(await subject.engine.list()).not.toContain(kernel.id);
    }, 60_000);

    it('gives up a start when the signal says so, and leaves no kernel behind', async () => {
      const before = await subject.engine.list();
      await subject.makeDirectory('given-up');
      const abort = new AbortController();
      const starting = subject.engine.startKernel({ directory: 'given-up', signal: abort.signal });
      abort.abort(new Error('nobody waits'));
      await expect(starting).rejects.toThrow('nobody waits');
      // A start of one at a time would be behind the one given up; here, poll until the engine ended it.
      for (let tries = 0; tries < 100; tries += 1) {
        const kernel = await startKernel();
        await kernel.shutdown();
        if ((await subject.engine.list()).length === before.length) return;
      }
      throw new Error('the kernel that nobody waited for lives on');
    }, 60_000);

    it('answers about its health', async () => {
      expect(await subject.engine.health()).toMatchObject({ ok: true });
    });

    // The last one: it takes the server away.
    it('ends what runs within seconds when the server is killed, and says that it is lost', async () => {
      const [busy, idle] = await Promise.all([startKernel(), startKernel()]);
      const lost = new Promise((resolve) => subject.engine.onLost(resolve));
      const listener = new RecordingListener();
      const running = busy.execute('import time\nprint("on", flush=True)\ntime.sleep(60)', listener);
      const ended = expect(running).rejects.toMatchObject({ death: { cause: 'engine_lost' } });
      await listener.printed('on');
      const since = Date.now();
      await subject.killServer();
      await ended;
      await lost;
      await expect(idle.execute('1', new RecordingListener())).rejects.toMatchObject({
        death: { cause: 'engine_lost' },
      });
      expect(Date.now() - since).toBeLessThan(12 * SECONDS);
    }, 60_000);
  });
}
