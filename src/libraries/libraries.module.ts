import { Global, Module } from '@nestjs/common';
import { LibrariesService } from './libraries.service.js';

/** What code can import. */
@Global()
@Module({ providers: [LibrariesService], exports: [LibrariesService] })
export class LibrariesModule {}
