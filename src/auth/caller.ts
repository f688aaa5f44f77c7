export type Role = 'user' | 'admin';

/** The authenticated user on whose behalf a request runs. */
export interface Caller {
  id: string;
  role: Role;
}
