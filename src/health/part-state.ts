/** Whether a part of the service works. */
export interface PartState {
  ok: boolean;
  /** For admins only: it can name addresses and paths. */
  detail: string;
}
