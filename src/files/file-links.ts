/** Where a file's bytes are, by header-authenticated routes. */
export const contentUrl = (fileId: string): string => `/api/v1/files/${fileId}/content`;
export const downloadUrl = (fileId: string): string => `/api/v1/downloads/code-execution/file/${fileId}`;
