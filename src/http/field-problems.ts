import type { ValidationError } from '@nestjs/common';
import type { FieldProblem } from './problem.dto.js';

const mostFieldProblems = 50;
const longestMessage = 300;
/** class-validator's name for a field that the class does not declare; it says no more than "should not exist". */
const undeclared = 'whitelistValidation';

/**
 * The leaves of class-validator's tree as a flat list, nested fields joined by dots. Bounded: a body may hold
 * thousands of wrong fields with names of any length.
 */
export function fieldProblems(errors: readonly ValidationError[]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  collect(errors, '', problems);
  return problems;
}

function collect(errors: readonly ValidationError[], parent: string, into: FieldProblem[]): void {
  for (const { property, constraints = {}, children = [] } of errors) {
    const field = shortened(parent === '' ? property : `${parent}.${property}`);
    for (const [rule, message] of Object.entries(constraints)) {
      if (into.length >= mostFieldProblems) return;
      into.push({ field, message: shortened(rule === undeclared ? `there is no field ${field}` : message) });
    }
    collect(children, field, into);
  }
}

function shortened(text: string): string {
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}
