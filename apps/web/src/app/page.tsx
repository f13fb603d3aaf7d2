import type { ReactElement } from 'react';
import { HostsPage } from '../hosts/hosts-page';

export default function Page(): ReactElement {
  return <HostsPage />;
}
