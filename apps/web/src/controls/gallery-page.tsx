'use client';
import { Gallery } from '@stallscope/charts/gallery';
import type { ReactElement } from 'react';

/** Every chart in every state that has broken one; the gallery itself draws both themes. */
export function GalleryPage(): ReactElement {
  return <Gallery />;
}
