import { Injectable, ValidationPipe } from '@nestjs/common';
import { DomainError } from '../errors/index.js';
import { fieldProblems } from './field-problems.js';

/**
 * Bodies and queries become instances of their DTO classes. Fields that the class does not declare are refused,
 * and the answer names every field that is wrong.
 */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      exceptionFactory: (errors) => {
        const problems = fieldProblems(errors);
        const first = problems[0]?.message ?? 'it does not have the expected shape';
        const more = problems.length > 1 ? ` (and ${problems.length - 1} more, see errors)` : '';
        return new DomainError('invalid', 'validation_failed', `The request is not valid: ${first}${more}.`, {
          details: { errors: problems },
        });
      },
    });
  }
}
