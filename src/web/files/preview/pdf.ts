import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist';
import worker from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

// On a foreign origin pdf.js itself puts a wrapper around the address, as workers of other origins need.
GlobalWorkerOptions.workerSrc = worker;

const width = 900;
/** A page that is hardly wide and very high would else take gigabytes. */
const mostPixels = 16 * 1024 ** 2;
/** Beyond it, browsers leave a canvas blank without a word. */
const longestSide = 16_384;

/** A page as a picture, and its text for those who do not see it. */
export interface PdfPage {
  canvas: HTMLCanvasElement;
  text: string;
}

export interface PdfDocument {
  pageCount: number;
  page(number: number): Promise<PdfPage>;
  close(): Promise<void>;
}

/** Opens a PDF from its bytes. Scripts and forms of it stay dead: only pictures are drawn. */
export async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  const task = getDocument({
    data: bytes.slice(),
    isEvalSupported: false,
    enableXfa: false,
    useWasm: false,
    useSystemFonts: true,
    maxImageSize: 64 * 1024 ** 2,
    stopAtErrors: false,
  });
  const document = await task.promise;
  return {
    pageCount: document.numPages,
    page: async (number) => await drawPage(document, number),
    close: async () => await task.destroy(),
  };
}

async function drawPage(document: PDFDocumentProxy, number: number): Promise<PdfPage> {
  const page = await document.getPage(number);
  const unscaled = page.getViewport({ scale: 1 });
  const wanted = (width * Math.min(2, devicePixelRatio)) / unscaled.width;
  const most = Math.min(
    Math.sqrt(mostPixels / (unscaled.width * unscaled.height)),
    longestSide / Math.max(unscaled.width, unscaled.height),
  );
  const viewport = page.getViewport({ scale: Math.min(wanted, most) });
  const canvas = window.document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(viewport.width));
  canvas.height = Math.max(1, Math.floor(viewport.height));
  await page.render({ canvas, viewport }).promise;
  const { items } = await page.getTextContent();
  page.cleanup();
  return { canvas, text: items.map((item) => ('str' in item ? item.str : '')).join(' ') };
}
