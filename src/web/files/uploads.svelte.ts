import type { Api } from '../api/api.ts';
import { messageOf } from '../api/problem.ts';

export interface Upload {
  readonly name: string;
  /** 0 to 1. */
  part: number;
  problem: string | null;
}

export interface UploadTarget {
  messageId: string;
  chatId: string | null;
}

/** Files on their way to the service, one after the other; those that failed stay until they are dismissed. */
export class Uploads {
  readonly list = $state<Upload[]>([]);

  constructor(private readonly api: Api) {}

  /** Resolves when all were tried. */
  async add(files: readonly File[], target: UploadTarget): Promise<void> {
    const waiting = files.map((file) => {
      this.list.push({ name: file.name, part: 0, problem: null });
      return { file, upload: this.list.at(-1) };
    });
    for (const { file, upload } of waiting) if (upload) await this.#send(file, upload, target);
  }

  dismiss(upload: Upload): void {
    const at = this.list.indexOf(upload);
    if (at !== -1) this.list.splice(at, 1);
  }

  async #send(file: File, upload: Upload, target: UploadTarget): Promise<void> {
    try {
      await this.api.upload(target, file, (part) => Object.assign(upload, { part }));
      this.dismiss(upload);
    } catch (error) {
      Object.assign(upload, { problem: messageOf(error) });
    }
  }
}
