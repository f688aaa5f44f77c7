import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config/index.js';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import { eventsFromTheStart, type StreamEvent } from '../support/event-stream.js';

interface Reference {
  stdout: string;
  stderr: string;
  displays: { kind: string; data: Record<string, unknown> }[];
  error: { name: string; value: string } | null;
  cleared?: true;
  status: string;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const snippets = JSON.parse(await readFile(here('snippets.json'), 'utf8')) as Record<string, string>;
const IMAGES = ['image/png', 'image/jpeg', 'image/gif'];

async function whatJupyterShows(): Promise<Record<string, Reference>> {
  const { engine } = loadConfig({ file: null });
  const directory = await mkdtemp(join(tmpdir(), 'mntdata-reference-'));
  try {
    const python = join(engine.pythonEnvironment, 'bin', 'python');
    const args = ['-I', here('reference.py'), here('snippets.json'), directory];
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 64 * 1024 ** 2 });
    return JSON.parse(stdout) as Record<string, Reference>;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const streamed = (events: StreamEvent[], type: string): string =>
  events
    .filter((event) => event.type === type)
    .map((event) => event.data.text as string)
    .join('');

/** The last content of each output, as the stream told it. */
function streamedOutputs(events: StreamEvent[]): Record<string, unknown>[] {
  const outputs: Record<string, unknown>[] = [];
  for (const { type, data } of events) if (type === 'display') outputs[data.index as number] = data;
  return outputs;
}

/** What differs from run to run, or from directory to directory. */
const steady = (text: string): string =>
  text
    .replace(/0x[0-9a-f]+/g, '0x…')
    .replace(/\/tmp\/ipykernel_\d+\/\d+\.py/g, 'cell')
    .replace(/tmp\/[\w-]+/g, 'dir')
    .replace(/\/\S+(?=\/site-packages\/)/g, 'environment');

describe('rich output', () => {
  let service: TestService;
  let alice: ApiClient;
  let reference: Record<string, Reference>;

  beforeAll(async () => {
    [service, reference] = await Promise.all([aService(), whatJupyterShows()]);
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  async function show(
    name: string,
  ): Promise<{ events: StreamEvent[]; result: ExecutionDto; jupyter: Reference }> {
    const events = await eventsFromTheStart(alice, { code: snippets[name]!, message_id: name });
    const result = events.at(-1)?.data as unknown as ExecutionDto;
    return { events, result, jupyter: reference[name]! };
  }

  const ownWays = ['cleared output', 'cleared when more comes', 'magic', 'input'];

  it.each(Object.keys(snippets).filter((name) => !ownWays.includes(name)))(
    'is what Jupyter shows, in stream and result alike: %s',
    async (name) => {
      const { events, result, jupyter } = await show(name);
      expect([result.status, result.error?.name]).toEqual([jupyter.status, jupyter.error?.name]);
      expect(result.error?.value).toEqual(jupyter.error?.value);
      expect(steady(streamed(events, 'stdout'))).toBe(steady(jupyter.stdout));
      expect(steady(streamed(events, 'stderr'))).toBe(steady(jupyter.stderr));
      const outputs = streamedOutputs(events);
      expect(outputs.map(({ type, data, file_id }) => ({ type, data, file_id }))).toEqual(
        result.outputs.map(({ type, data, file_id }) => ({ type, data, file_id })),
      );
      const shown = jupyter.displays.filter(({ kind }) => kind !== 'update_display_data');
      expect(result.outputs).toHaveLength(shown.length);
      const updates = jupyter.displays.filter(({ kind }) => kind === 'update_display_data');
      for (const [index, output] of result.outputs.entries()) {
        const { data } = updates[index] ?? shown[index]!;
        const texts = Object.keys(data).filter((type) => !IMAGES.includes(type));
        expect(Object.keys(output.data).sort()).toEqual(texts.sort());
        for (const type of texts.filter((type) => type !== 'text/plain'))
          expect(output.data[type]).toEqual(data[type]);
        const image = IMAGES.find((type) => type in data);
        expect(output.file_id !== null).toBe(image !== undefined);
        if (image === undefined || name.includes('plot') || name === 'PNG') continue;
        const stored = await alice.download(`/api/v1/files/${output.file_id ?? ''}/content`);
        expect(stored.toString('base64')).toBe((data[image] as string).replace(/\s/g, ''));
      }
    },
  );

  it('tells code that asks for input at once that nobody answers', async () => {
    expect((await show('input')).result).toMatchObject({
      status: 'error',
      error: { value: expect.stringContaining('input') as string },
    });
  });

  it('follows clear_output', async () => {
    const { result } = await show('cleared output');
    expect(result.stdout).toBe('kept\n');
    expect((await show('cleared when more comes')).result.stdout).toBe('2\n');
  });

  it('shows a progress bar as one line, and the stream still tells each step', async () => {
    const { events, result } = await show('progress bar');
    expect(result.stderr).toBe('50/50\n');
    expect(streamed(events, 'stderr')).toContain('\r1/50');
  });

  it('works in the workspace', async () => {
    expect((await show('magic')).result.result).toBe("'/mnt/data'");
  });

  it('keeps colours in streams and takes them out of tracebacks', async () => {
    const { result } = await show('exception');
    expect(result.error?.traceback.join('\n')).not.toContain('\u001b');
    expect((await show('ANSI colours')).result.stdout).toContain('\u001b[31m');
  });

  it('is given as text for models', async () => {
    const { id } = (await show('exception')).result;
    const { body, headers } = await alice.get<string>(`/executions/${id}/output`);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body).toMatch(/^before\n[^]*ValueError: bad value\n$/);
  });
});
