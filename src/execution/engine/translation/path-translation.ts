import type { MimeBundle } from '../kernel.js';
import { PathStream } from './path-stream.js';

/** One directory and the two names it has. */
export interface DirectoryNames {
  /** How code writes it and readers see it: `/mnt/data`. */
  readonly mount: string;
  /** How the kernel sees it: absolute, at least as long, of characters that need no quoting anywhere. */
  readonly directory: string;
}

/** A name goes on with these before a slash: `x/mnt/data`, `./mnt/data` and `{x}/mnt/data` are other paths. */
const NAME_BEFORE = String.raw`\p{L}\p{M}\p{N}_.~)}\]*?/\\-`;
/** But in a string `\n/mnt/data` is a line and a path, while `\\n/mnt/data` is not. */
const ESCAPED_SPACE = String.raw`(?<!\\)(?:\\\\)*\\[nrt]`;
/** `/mnt/data2`, `/mnt/data-old` and `/mnt/data.csv` are other paths; "in /mnt/data." ends a sentence. */
const NAME_AFTER = String.raw`\.*[\p{L}\p{M}\p{N}_~-]|\.+[{%*?[]`;
/** Code may go on in the next line anywhere within a string. */
const CONTINUATION = String.raw`(?:\\\r?\n)*`;
/** Deeper values are left out of an output anyway. */
const DEEPEST = 64;

/** Ways to write a slash in JSON within HTML, JavaScript and URLs. */
const SLASHES = ['/', '\\/', '\\u002f', '\\u002F', '%2f', '%2F'];

/**
 * Turns `/mnt/data` in code into the directory as the kernel sees it, and that directory in what comes back into
 * `/mnt/data`. The first looks at where a path begins and ends, because people write anything. The second need not:
 * the directory's name is random, and whatever code puts before or behind it stands there with a mount, too.
 *
 * Neither changes the number of lines. What code puts together from parts is not seen.
 */
export class PathTranslation {
  readonly #inCode: RegExp;
  readonly #spellings: ReadonlyMap<string, string>;

  constructor(private readonly names: DirectoryNames) {
    this.#inCode = pathInCode(names.mount);
    this.#spellings = new Map(
      SLASHES.map((slash) => [
        names.directory.replaceAll('/', () => slash),
        names.mount.replaceAll('/', () => slash),
      ]),
    );
  }

  /** Code as the kernel is to run it; line continuations within a path follow it. */
  code(code: string): string {
    return code.replace(
      this.#inCode,
      (path: string) => this.names.directory + path.replace(/[^\\\r\n]/g, ''),
    );
  }

  /** For text that comes in pieces. */
  stream(): PathStream {
    return new PathStream(this.#spellings);
  }

  text(text: string): string {
    const stream = this.stream();
    return stream.push(text) + stream.end();
  }

  /** A display's representations, with all texts and keys in those that are JSON. */
  bundle(bundle: MimeBundle): MimeBundle {
    // Not by assignment: code in the kernel may name a type `__proto__`.
    return Object.fromEntries(Object.entries(bundle).map(([mime, value]) => [mime, this.#value(value, 0)]));
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return value;
    if (Array.isArray(value)) return value.map((part) => this.#value(part, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [this.text(key), this.#value(part, depth + 1)]),
    );
  }
}

/** The boundaries are looked at behind the path, where it is rare: at every character they would cost too much. */
function pathInCode(mount: string): RegExp {
  const path = [...mount].join(CONTINUATION);
  const before = `(?<=(?:^|[^${NAME_BEFORE}]|${ESCAPED_SPACE})/*${path})`;
  const after = `(?!${CONTINUATION}(?:${NAME_AFTER}))`;
  return new RegExp(path + before + after, 'gu');
}
