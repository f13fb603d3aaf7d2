/** Owns the small picture of a snapshot: the graph as it is drawn, scaled down, so that a list can be looked through. */
import { MAX_PREVIEW_BYTES } from '@stallscope/protocol';

/** As wide as a list shows it on a dense screen; its height is the graph's own, at most. */
const WIDTH_PX = 640;
const MAX_HEIGHT_PX = 360;

/** Of WebP: text stays legible, a picture takes some ten kilobytes. */
const QUALITY = 0.85;

/** The picture of the graph on this page; empty where none is drawn. */
export async function makePreview(): Promise<Uint8Array<ArrayBuffer>> {
  const nothing = new Uint8Array(0);
  const graph = document.querySelector<HTMLCanvasElement>('main [role="tree"] canvas');
  if (graph === null || graph.width === 0 || graph.height === 0) return nothing;
  const scale = WIDTH_PX / graph.width;
  const picture = document.createElement('canvas');
  picture.width = WIDTH_PX;
  picture.height = Math.max(1, Math.min(MAX_HEIGHT_PX, Math.round(graph.height * scale)));
  const context = picture.getContext('2d');
  if (context === null) return nothing;
  context.imageSmoothingQuality = 'high';
  context.drawImage(graph, 0, 0, WIDTH_PX, graph.height * scale);
  const image = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve, 'image/webp', QUALITY));
  if (image === null || image.size > MAX_PREVIEW_BYTES) return nothing;
  return new Uint8Array(await image.arrayBuffer());
}
