import { Module } from '@nestjs/common';
import { FilesModule } from '../files/index.js';
import { AccountController } from './account.controller.js';

/** The caller as this service sees them. */
@Module({ imports: [FilesModule], controllers: [AccountController] })
export class AccountModule {}
