import { Body, Controller, Delete, Get, HttpCode, Module, Post } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { AdminOnly, CurrentCaller, Public, type Caller } from '../../src/auth/index.js';
import { newId } from '../../src/database/index.js';
import { NotFoundError } from '../../src/errors/index.js';
import { ResourceIdParam } from '../../src/http/index.js';

interface Note {
  id: string;
  owner: string;
  text: string;
}

class NoteBody {
  @ApiProperty()
  @IsString()
  text: string;
}

/** The smallest thing that can be owned: what the walk is tried on. */
class Notes {
  readonly rows = new Map<string, Note>();

  add(owner: string, text: string): Note {
    const note = { id: newId(), owner, text };
    this.rows.set(note.id, note);
    return note;
  }

  of(caller: Caller, id: string): Note {
    const note = this.rows.get(id);
    if (note?.owner !== caller.id) throw new NotFoundError('note', id);
    return note;
  }
}

@Controller('notes')
class NotesController {
  constructor(private readonly notes: Notes) {}

  @Post()
  add(@CurrentCaller() caller: Caller, @Body() body: NoteBody): Note {
    return this.notes.add(caller.id, body.text);
  }

  @Get(':note_id')
  show(@CurrentCaller() caller: Caller, @ResourceIdParam('note_id', 'note') id: string): Note {
    return this.notes.of(caller, id);
  }

  @Delete(':note_id')
  @HttpCode(204)
  remove(@CurrentCaller() caller: Caller, @ResourceIdParam('note_id', 'note') id: string): void {
    this.notes.rows.delete(this.notes.of(caller, id).id);
  }
}

@Controller()
class OtherController {
  constructor(private readonly notes: Notes) {}

  @Public()
  @Get('hello')
  hello(): string {
    return 'hello';
  }

  @AdminOnly()
  @Get('admin/notes')
  all(): Note[] {
    return [...this.notes.rows.values()];
  }
}

/** Each of its routes has one of the mistakes that the walk is for. */
@Controller('careless')
class CarelessController {
  constructor(private readonly notes: Notes) {}

  @Get('shows-any/:note_id')
  showsAny(@ResourceIdParam('note_id', 'note') id: string): Note | undefined {
    return this.notes.rows.get(id);
  }

  @Delete('removes-before-it-checks/:note_id')
  removesBeforeItChecks(
    @CurrentCaller() caller: Caller,
    @ResourceIdParam('note_id', 'note') id: string,
  ): Note {
    const note = this.notes.rows.get(id);
    this.notes.rows.delete(id);
    if (note?.owner !== caller.id) throw new NotFoundError('note', id);
    return note;
  }

  @Get('admin/forgot-the-decorator')
  forgotTheDecorator(): number {
    return this.notes.rows.size;
  }

  @Public()
  @Get('open-by-mistake')
  openByMistake(): Note[] {
    return [...this.notes.rows.values()];
  }

  @Get('nobody-thought-of')
  nobodyThoughtOf(): string {
    return '';
  }
}

@Module({ providers: [Notes], controllers: [NotesController, OtherController] })
export class NotesModule {}

@Module({ providers: [Notes], controllers: [NotesController, CarelessController] })
export class CarelessModule {}
