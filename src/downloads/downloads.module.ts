import { Module } from '@nestjs/common';

/** Bytes of files, by message, by chat and by link. */
@Module({})
export class DownloadsModule {}
