import type { Metadata } from 'next';
import type { ReactElement } from 'react';
import { GalleryPage } from '../../controls/gallery-page';

export const metadata: Metadata = { title: 'Gallery · Stallscope' };

export default function Page(): ReactElement {
  return <GalleryPage />;
}
