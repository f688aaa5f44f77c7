/** What the worker is started with. */
export interface BackendData {
  /** Absolute path of the database; null keeps it in memory. */
  directory: string | null;
}

/** Bytes of the protocol to answer, or the wish to close. */
export type BackendWork = { kind: 'request'; bytes: Uint8Array } | { kind: 'close' };

/** From the service to the worker. */
export type BackendRequest = BackendWork & { id: number };

/** From the worker to the service; the first one has the id 0 and tells that the database is open. */
export type BackendReply = { id: number; bytes: Uint8Array } | { id: number; error: string };
