import { Logger } from '@nestjs/common';
import type { Attribution, CollectionService, StoredFile, Warning } from '../../files/index.js';
import type { Lease, LeasesService } from '../../workspaces/index.js';
import type { ChangedOutput, PendingImage } from '../output/index.js';

/** Images of one execution that are stored at most; a display that changes for ever must not fill the storage. */
const MAX_IMAGES = 200;

/** Stores the images that one execution displays, as they come. */
export class RunImages {
  private readonly logger = new Logger(RunImages.name);
  private readonly kept = new Map<number, { bytes: Buffer; fileId: string }>();
  private readonly files: StoredFile[] = [];
  /** Outputs whose image could not be stored; tried again at the end. */
  private readonly lost = new Set<number>();
  private stored = 0;

  constructor(
    private readonly collection: CollectionService,
    private readonly leases: LeasesService,
    private readonly lease: Lease,
    private readonly attribution: Attribution,
  ) {}

  get warnings(): Warning[] {
    return [...this.lost].map((index) => ({
      path: null,
      code: 'image_not_kept',
      message: `The image of output ${String(index)} could not be stored and is lost.`,
    }));
  }

  /** What was stored so far. */
  get storedFiles(): readonly StoredFile[] {
    return this.files;
  }

  /** The id of the output's stored image; null when it has none or it could not be kept. */
  async keep({ index, image }: ChangedOutput): Promise<string | null> {
    return image ? await this.store(index, image) : null;
  }

  /** Ids of all images by the index of their output; stores those that no event brought before. */
  async idsOf(images: readonly PendingImage[]): Promise<Map<number, string>> {
    const ids = new Map<number, string>();
    for (const image of images) {
      const id = await this.store(image.index, image);
      if (id !== null) ids.set(image.index, id);
    }
    return ids;
  }

  private async store(index: number, { mime, bytes }: PendingImage): Promise<string | null> {
    const known = this.kept.get(index);
    if (known?.bytes === bytes) return known.fileId;
    if (this.stored >= MAX_IMAGES) return null;
    try {
      this.stored += 1;
      const { workspaceId } = this.lease;
      const file = await this.collection.keepImage(
        { mime, bytes },
        this.stored,
        workspaceId,
        this.attribution,
      );
      await this.leases.transact(this.lease, (manager) => this.collection.insertImage(manager, file));
      this.kept.set(index, { bytes, fileId: file.id });
      this.files.push(file);
      this.lost.delete(index);
      return file.id;
    } catch (error) {
      this.logger.warn(
        `An image of execution ${this.attribution.executionId ?? ''} was not kept. ${String(error)}`,
      );
      this.lost.add(index);
      return null;
    }
  }
}
