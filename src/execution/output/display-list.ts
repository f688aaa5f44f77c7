import type { Display } from '../engine/index.js';
import { BoundedText } from './bounded-text.js';
import type { OutputEntry, OutputWarning, PendingImage } from './collected-output.js';
import { readDisplay, type DisplayContent } from './display-content.js';

export interface DisplayLimits {
  /** Displays kept; later ones are only counted, their text still goes into `result`. */
  readonly maxDisplays: number;
  /** Bytes of one display's representations other than its image, and of all displays' together. */
  readonly maxDisplayBytes: number;
  readonly maxDisplaysBytes: number;
  readonly maxImageBytes: number;
  readonly maxImagesBytes: number;
  /** Bytes of `result`. */
  readonly maxTextBytes: number;
}

interface KeptDisplay {
  readonly type: OutputEntry['type'];
  content: DisplayContent;
}

/** An entry of `outputs` as it is now. */
export interface ChangedOutput {
  readonly index: number;
  readonly entry: OutputEntry;
  readonly image: PendingImage | null;
  /** What its representations other than the image take. */
  readonly bytes: number;
}

/** Longer names are no names: they would cost memory. */
const LONGEST_DISPLAY_ID = 1024;

/** The displays of one execution, in the order in which they were first shown. */
export class DisplayList {
  readonly #kept: KeptDisplay[] = [];
  readonly #positions = new Map<string, number[]>();
  readonly #changed = new Set<number>();
  readonly #laterText: BoundedText;
  #total = 0;
  #imagesBytes = 0;
  #dataBytes = 0;

  constructor(private readonly limits: DisplayLimits) {
    this.#laterText = new BoundedText(limits.maxTextBytes);
  }

  /** Shows it; whatever was shown under the same id becomes the same, as in a notebook. */
  show(type: OutputEntry['type'], display: Display): void {
    this.update(display);
    this.#total += 1;
    if (this.#kept.length < this.limits.maxDisplays) this.#keep(type, display);
    else this.#addLaterText(display);
  }

  /** Replaces, in its place, what was shown under the display's id; nothing if nothing was. */
  update({ displayId, data }: Display): void {
    if (displayId === null) return;
    for (const index of this.#positions.get(displayId) ?? []) {
      const kept = this.#kept[index];
      if (!kept) continue;
      this.#count(kept.content, -1);
      kept.content = this.#read(data);
      this.#changed.add(index);
    }
  }

  /** Counts displays that did not even come here. */
  leaveOut(displays: number): void {
    this.#total += displays;
  }

  /** Entries that are new or changed since they were last taken, each once. */
  takeChanges(): ChangedOutput[] {
    const indexes = [...this.#changed];
    this.#changed.clear();
    return indexes.flatMap((index) => {
      const kept = this.#kept[index];
      if (!kept) return [];
      const { type, content } = kept;
      const image = content.image && { index, ...content.image };
      return [{ index, entry: { type, data: content.data, file_id: null }, image, bytes: content.dataBytes }];
    });
  }

  get total(): number {
    return this.#total;
  }

  get outputs(): OutputEntry[] {
    return this.#kept.map(({ type, content }) => ({ type, data: content.data, file_id: null }));
  }

  get images(): PendingImage[] {
    return this.#kept.flatMap(({ content }, index) => (content.image ? [{ index, ...content.image }] : []));
  }

  get warnings(): OutputWarning[] {
    const warnings = this.#kept.flatMap(({ content }) => content.warnings);
    const leftOut = this.#total - this.#kept.length;
    if (leftOut === 0) return warnings;
    const message = `${String(leftOut)} displays were left out: ${String(this.limits.maxDisplays)} are kept of one execution.`;
    return [...warnings, { path: null, code: 'too_many_outputs', message }];
  }

  /** The displays that are text, one below the other. */
  get text(): BoundedText {
    const all = new BoundedText(this.limits.maxTextBytes);
    for (const { content } of this.#kept) {
      if (content.text !== null) all.append(all.bytes > 0 ? `\n${content.text}` : content.text);
    }
    if (all.bytes > 0 && this.#laterText.bytes > 0) all.append('\n');
    all.appendAll(this.#laterText);
    return all;
  }

  #keep(type: OutputEntry['type'], { displayId, data }: Display): void {
    const position = this.#kept.push({ type, content: this.#read(data) }) - 1;
    this.#changed.add(position);
    if (displayId === null || displayId.length > LONGEST_DISPLAY_ID) return;
    this.#positions.set(displayId, [...(this.#positions.get(displayId) ?? []), position]);
  }

  #read(data: Display['data']): DisplayContent {
    const { maxDisplayBytes, maxDisplaysBytes, maxImageBytes, maxImagesBytes } = this.limits;
    const content = readDisplay(data, {
      dataBytes: Math.max(0, Math.min(maxDisplayBytes, maxDisplaysBytes - this.#dataBytes)),
      imageBytes: Math.min(maxImageBytes, maxImagesBytes - this.#imagesBytes),
    });
    this.#count(content, 1);
    return content;
  }

  #count(content: DisplayContent, times: 1 | -1): void {
    this.#dataBytes += times * content.dataBytes;
    this.#imagesBytes += times * (content.image?.bytes.length ?? 0);
  }

  #addLaterText({ data }: Display): void {
    const text = data['text/plain'];
    const isImage = Object.keys(data).some((mime) => mime.startsWith('image/'));
    if (typeof text !== 'string' || isImage) return;
    this.#laterText.append(this.#laterText.bytes > 0 ? `\n${text}` : text);
  }
}
