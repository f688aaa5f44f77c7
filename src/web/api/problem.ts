import type { Problem } from './types.ts';

/** A request that the service refused, or that did not reach it (`status` 0). Its message is a sentence for people. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  /** From an answer that is not 2xx. */
  static async of(response: Response): Promise<ApiProblem> {
    return ApiProblem.parse(response.status, await response.text().catch(() => ''));
  }

  static parse(status: number, body: string): ApiProblem {
    try {
      const { code, detail } = JSON.parse(body) as Problem;
      return new ApiProblem(status, code, detail);
    } catch {
      return new ApiProblem(status, 'unexpected_answer', `The service answered with status ${status}.`);
    }
  }

  static unreachable(): ApiProblem {
    return new ApiProblem(0, 'unreachable', 'The service cannot be reached.');
  }
}

/** What to tell people about anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
