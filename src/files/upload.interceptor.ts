import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import multer from 'multer';
import { catchError, from, switchMap, type Observable } from 'rxjs';
import { AppConfig } from '../config/index.js';
import { DomainError } from '../errors/index.js';
import { ArtifactsService, type StagedFile } from '../storage/index.js';

/** Files in one request. */
const MAX_FILES = 100;
const MAX_FIELD_BYTES = 16 * 1024;
/** Longer names would be nested objects, which no field of ours is. */
const MAX_NAME_BYTES = 64;

/** An uploaded file in staging, under the name its client gave it. */
export interface Upload {
  name: string;
  staged: StagedFile;
}

type StagedUpload = Express.Multer.File & { staged?: StagedFile };

/**
 * Receives a multipart body: files go to staging as they arrive (hashed in the same pass), fields to the
 * body, in any order. Whatever fails, nothing stays staged.
 */
@Injectable()
export class UploadInterceptor implements NestInterceptor {
  private readonly receive: ReturnType<multer.Multer['array']>;

  constructor(
    private readonly artifacts: ArtifactsService,
    @Inject(AppConfig) { files }: AppConfig,
  ) {
    this.receive = multer({
      storage: this.storage(files.maxUploadBytes),
      limits: { files: MAX_FILES, fields: 10, fieldSize: MAX_FIELD_BYTES, fieldNameSize: MAX_NAME_BYTES },
      // Relative paths are part of the contract; their safety is decided where they are parsed.
      preservePath: true,
      defParamCharset: 'utf8',
    }).array('file', MAX_FILES);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    return from(this.run(request, http.getResponse<Response>())).pipe(
      switchMap(() => next.handle()),
      catchError(async (error: unknown) => {
        await this.artifacts.discard(uploadsOf(request).map((upload) => upload.staged));
        throw error;
      }),
    );
  }

  private run(request: Request, response: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.receive(request, response, (error?: Error | string | null) => {
        if (error === undefined || error === null) resolve();
        else reject(expected(error));
      });
    });
  }

  private storage(maxBytes: number): multer.StorageEngine {
    return {
      _handleFile: (_request, file, done) => {
        this.artifacts.stage(file.stream, { maxBytes }).then(
          (staged) => done(null, { staged } as Partial<StagedUpload>),
          (error: unknown) => done(error),
        );
      },
      _removeFile: (_request, file: StagedUpload, done) => {
        this.artifacts.discard(file.staged ? [file.staged] : []).then(
          () => done(null),
          (error: unknown) => done(error as Error),
        );
      },
    };
  }
}

/** The parser tells what is too much by a code, and a malformed body by a plain error that says what is wrong with it. */
function expected(error: Error | string): Error {
  if (error instanceof DomainError) return error;
  if (error instanceof multer.MulterError) return refusalOf(error);
  const message = error instanceof Error ? error.message : error;
  // Failures of the system (a full disk, a broken pipe) have a code; those are ours to mend.
  if (error instanceof Error && 'code' in error) return error;
  return new DomainError('invalid', 'malformed_multipart', `The multipart body cannot be read: ${message}.`, {
    cause: error,
  });
}

function refusalOf({ code, field }: multer.MulterError): DomainError {
  const name = JSON.stringify(field ?? '');
  switch (code) {
    case 'LIMIT_UNEXPECTED_FILE':
      return new DomainError('invalid', 'unexpected_file_field', `Files are sent as file, not as ${name}.`);
    case 'LIMIT_FILE_COUNT':
      return new DomainError(
        'invalid',
        'too_many_files',
        `One request takes ${String(MAX_FILES)} files; send the others in another one.`,
      );
    default:
      return new DomainError(
        'invalid',
        'malformed_multipart',
        `Beside files there are message_id and chat_id, each sent once as a short text; ${name} is not.`,
      );
  }
}

/** What the interceptor received, in the order of the parts. */
export function uploadsOf(request: Request): Upload[] {
  const files = (request.files ?? []) as StagedUpload[];
  return files.flatMap(({ originalname, staged }) => (staged ? [{ name: originalname, staged }] : []));
}
