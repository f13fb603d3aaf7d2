'use client';
import { useEffect, useState } from 'react';

/**
 * The clock for ages, ms; null in the exported page, which has no now, and where no age is said. Ticks once a second, as
 * ages are said in seconds.
 */
export function useNow(isSaid = true): number | null {
  const [nowMs, setNowMs] = useState<number | null>(null);
  useEffect(() => {
    if (!isSaid) return;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isSaid]);
  return isSaid ? nowMs : null;
}
