import type { Display } from '../engine/index.js';
import { OutputCollector, type OutputLimits } from './output-collector.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg',
  'base64',
);
const GIF = Buffer.from('GIF89a and some more bytes', 'latin1');

function collector(limits: Partial<OutputLimits> = {}): OutputCollector {
  return new OutputCollector({ maxOutputBytes: 1000, ...limits });
}

function aDisplay(data: Record<string, unknown>, rest: Partial<Display> = {}): Display {
  return { data, metadata: {}, displayId: null, update: false, ...rest };
}

const text = (value: string, rest: Partial<Display> = {}): Display => aDisplay({ 'text/plain': value }, rest);
const png = (bytes = PNG): Display =>
  aDisplay({ 'image/png': bytes.toString('base64'), 'text/plain': '<Figure size 640x480>' });

describe('OutputCollector', () => {
  it('is empty at first', () => {
    expect(collector().snapshot()).toEqual({
      stdout: '',
      stderr: '',
      result: '',
      outputs: [],
      outputsTotal: 0,
      images: [],
      error: null,
      truncated: false,
      warnings: [],
    });
  });

  it('keeps stdout and stderr apart, with their colours', () => {
    const output = collector();
    output.stdout('a');
    output.stderr('\x1b[31mwarn\x1b[0m\n');
    output.stdout('b\n');
    expect(output.snapshot()).toMatchObject({
      stdout: 'ab\n',
      stderr: '\x1b[31mwarn\x1b[0m\n',
      truncated: false,
    });
  });

  it('says when text was cut', () => {
    const output = collector({ maxOutputBytes: 10 });
    output.stdout('0123456789abc');
    expect(output.snapshot()).toMatchObject({
      stdout: '01234\n… 3 bytes left out …\n89abc',
      truncated: true,
    });
  });

  it('counts what the kernel did not even send', () => {
    const output = collector({ maxOutputBytes: 10 });
    output.stdout('0123456789abc');
    output.display(text('shown'));
    output.leftOut({ stdout: 1_000_000, stderr: 0, displays: 7 });
    expect(output.snapshot()).toMatchObject({
      stdout: '01234\n… 1000003 bytes left out …\n89abc',
      stderr: '',
      outputsTotal: 8,
      truncated: true,
    });
  });

  describe('displays', () => {
    it('are entries in order, their text is the result', () => {
      const output = collector();
      output.display(aDisplay({ 'text/html': '<table>', 'text/plain': '  a\n0 1' }));
      output.result(text('42'));
      expect(output.snapshot()).toMatchObject({
        result: '  a\n0 1\n42',
        outputs: [
          { type: 'display_data', data: { 'text/html': '<table>', 'text/plain': '  a\n0 1' }, file_id: null },
          { type: 'execute_result', data: { 'text/plain': '42' }, file_id: null },
        ],
        outputsTotal: 2,
      });
    });

    it('that are images are handed out as bytes, and their name is no result', () => {
      const output = collector();
      output.stdout('x');
      output.result(text('1'));
      output.display(png());
      expect(output.snapshot()).toMatchObject({
        result: '1',
        outputs: [{}, { data: { 'text/plain': '<Figure size 640x480>' } }],
        images: [{ index: 1, mime: 'image/png', bytes: PNG }],
        truncated: false,
        warnings: [],
      });
    });

    it('have one image each, and SVG stays text', () => {
      const output = collector();
      const data = {
        'image/gif': GIF.toString('base64'),
        'image/png': PNG.toString('base64').replace(/(.{20})/g, '$1\n'),
        'image/svg+xml': '<svg/>',
      };
      output.display(aDisplay(data));
      const { outputs, images } = output.snapshot();
      expect(outputs[0]?.data).toEqual({ 'image/svg+xml': '<svg/>' });
      expect(images).toEqual([{ index: 0, mime: 'image/png', bytes: PNG }]);
    });

    it.each([
      ['no base64', '!!!'],
      ['another format', GIF.toString('base64')],
      ['no text', 5],
    ])('with an image that is %s keep their text and get a warning', (_, image) => {
      const output = collector();
      output.display(aDisplay({ 'image/png': image, 'text/plain': 'a figure' }));
      expect(output.snapshot()).toMatchObject({
        outputs: [{ data: { 'text/plain': 'a figure' } }],
        images: [],
        truncated: false,
        warnings: [{ path: null, code: 'invalid_image' }],
      });
    });

    it('with nothing but a broken image show what was sent', () => {
      const output = collector();
      output.display(aDisplay({ 'image/png': 'oops' }));
      expect(output.snapshot().outputs[0]?.data).toEqual({ 'text/plain': 'oops' });
    });

    it('lose images past the limit of one and of all', () => {
      const output = collector({ maxImageBytes: 100, maxImagesBytes: 150 });
      output.display(png(Buffer.concat([PNG, Buffer.alloc(200)])));
      for (let i = 0; i < 3; i += 1) output.display(png());
      const { images, outputs, warnings, truncated } = output.snapshot();
      expect(images.map((image) => image.index)).toEqual([1, 2]);
      expect(outputs).toHaveLength(4);
      expect(warnings.map((warning) => warning.code)).toEqual(['image_too_large', 'image_too_large']);
      expect(truncated).toBe(true);
    });

    it('lose what is too large, keep the rest, and their text is cut', () => {
      const output = collector({ maxDisplayBytes: 2000 });
      output.display(
        aDisplay({ 'text/html': 'h'.repeat(3000), 'application/json': { a: 1 }, 'text/plain': 'small' }),
      );
      output.display(text('t'.repeat(3000)));
      const { outputs, warnings, truncated } = output.snapshot();
      expect(outputs[0]?.data).toEqual({ 'application/json': { a: 1 }, 'text/plain': 'small' });
      expect(String(outputs[1]?.data['text/plain'])).toMatch(/^t{1000}\n… 1000 bytes left out …\nt{1000}$/);
      expect(warnings.map((warning) => warning.code)).toEqual(['output_too_large', 'output_too_large']);
      expect(truncated).toBe(true);
    });

    it('may be named like a prototype', () => {
      const output = collector();
      output.display(
        aDisplay(JSON.parse('{"__proto__": "x", "text/plain": "y"}') as Record<string, unknown>),
      );
      expect(JSON.stringify(output.snapshot().outputs[0]?.data)).toBe('{"text/plain":"y","__proto__":"x"}');
    });

    it('are replaced in their place, and their bytes are free again', () => {
      const output = collector({ maxImagesBytes: 100 });
      output.display({ ...png(), displayId: 'plot' });
      output.display(text('below'));
      for (let i = 0; i < 10; i += 1) output.display({ ...png(), displayId: 'plot', update: true });
      output.display(text('no such', { displayId: 'other', update: true }));
      const { outputs, images, outputsTotal, warnings } = output.snapshot();
      expect(outputs.map((entry) => entry.data['text/plain'])).toEqual(['<Figure size 640x480>', 'below']);
      expect(images.map((image) => image.index)).toEqual([0]);
      expect([outputsTotal, warnings]).toEqual([2, []]);
    });

    it('shown again under one id are all the same', () => {
      const output = collector();
      output.display(text('1', { displayId: 'n' }));
      output.display(text('2', { displayId: 'n' }));
      output.display(text('3', { displayId: 'n', update: true }));
      expect(output.snapshot().result).toBe('3\n3');
    });

    it('are counted past their number, and their text still is a result', () => {
      const output = collector({ maxOutputBytes: 1 << 20 });
      for (let i = 0; i < 100_000; i += 1) output.display(text(String(i)));
      const { outputs, outputsTotal, result, warnings, truncated } = output.snapshot();
      expect([outputs.length, outputsTotal, truncated]).toEqual([100, 100_000, true]);
      expect(result.split('\n')).toHaveLength(100_000);
      expect(warnings).toMatchObject([
        { code: 'too_many_outputs', message: '99900 displays were left out: 100 are kept of one execution.' },
      ]);
    });
  });

  describe('clear_output', () => {
    function shown(wait: boolean): OutputCollector {
      const output = collector();
      output.stdout('old\n');
      output.display(png());
      output.clearOutput(wait);
      return output;
    }

    it('takes everything back', () => {
      expect(shown(false).snapshot()).toMatchObject({ stdout: '', outputs: [], outputsTotal: 0, images: [] });
    });

    it('can wait for the next output, which may not come', () => {
      const output = shown(true);
      expect(output.snapshot()).toMatchObject({ stdout: 'old\n', outputsTotal: 1 });
      output.stdout('new\n');
      output.stdout('er\n');
      expect(output.snapshot()).toMatchObject({ stdout: 'new\ner\n', outputs: [], outputsTotal: 0 });
    });
  });

  it('keeps the error as plain text', () => {
    const output = collector();
    output.error({
      name: 'ValueError',
      value: 'no',
      traceback: ['\x1b[0;31mValueError\x1b[0m', 'line 1\n\x1b[1;32m----> 2\x1b[0m'],
    });
    expect(output.snapshot().error).toEqual({
      name: 'ValueError',
      value: 'no',
      traceback: ['ValueError', 'line 1', '----> 2'],
    });
  });

  it('cuts an error that is too long', () => {
    const output = collector({ maxOutputBytes: 100 });
    output.error({
      name: 'E'.repeat(5000),
      value: 'v'.repeat(5000),
      traceback: Array(5000).fill('t') as string[],
    });
    expect(JSON.stringify(output.snapshot().error).length).toBeLessThan(2000);
  });

  it('says that output was lost', () => {
    const output = collector();
    output.outputLost();
    expect(output.snapshot()).toMatchObject({ truncated: true, warnings: [{ code: 'output_lost' }] });
  });
});
