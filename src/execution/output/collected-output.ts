/** What an execution showed, as kept within its limits. Text may hold NUL and lone surrogates. */
export interface CollectedOutput {
  /** Head and tail, ANSI kept; see `truncated`. */
  readonly stdout: string;
  readonly stderr: string;
  /** `text/plain` of the last expression and of displays that are text, one below the other. */
  readonly result: string;
  readonly outputs: readonly OutputEntry[];
  /** Displays shown, kept or not. */
  readonly outputsTotal: number;
  /** Images of `outputs`, to be stored as files; after that `file_id` of the entry at `index` is set. */
  readonly images: readonly PendingImage[];
  readonly error: OutputError | null;
  /** Something of stdout, stderr, result or the displays was left out; it is counted in place or in warnings. */
  readonly truncated: boolean;
  readonly warnings: readonly OutputWarning[];
}

/** An entry of `outputs` in the Execution of the HTTP contract. */
export interface OutputEntry {
  readonly type: 'display_data' | 'execute_result';
  /** MIME type → text or JSON. Images that are stored as files are not here. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Always null here: whoever stores the image sets it. */
  readonly file_id: string | null;
}

export type ImageMimeType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

export interface PendingImage {
  /** Position of its entry in `outputs`; an entry has at most one image. */
  readonly index: number;
  readonly mime: ImageMimeType;
  readonly bytes: Buffer;
}

/** The exception that ended the code: plain text, no ANSI. */
export interface OutputError {
  readonly name: string;
  readonly value: string;
  readonly traceback: readonly string[];
}

/** Something left out, in words for the user. */
export interface OutputWarning {
  readonly path: null;
  readonly code:
    'too_many_outputs' | 'output_too_large' | 'image_too_large' | 'invalid_image' | 'output_lost';
  readonly message: string;
}
