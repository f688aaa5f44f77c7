import type { NextFunction, Request, Response } from 'express';

/** For JSON: nothing of it is a page, so nothing may load, run, or be framed. Pages and files set their own. */
const apiPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Headers that every answer has unless its handler sets others. Answers belong to one caller, so nothing is
 * cached by default.
 */
export function secureByDefault(_request: Request, response: Response, next: NextFunction): void {
  response.set({
    'Content-Security-Policy': apiPolicy,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
  next();
}
