'use client';
/** Owns loading a snapshot, shared or not: its facts, then its file, with how far that has come. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { HubRefusal, toRefusalWords } from '../controls/ask-hub';
import { fetchData, type ShareToken } from './snapshot-api';

export type Loading<Facts> =
  | { step: 'loading'; facts: Facts | null; bytes: number }
  | { step: 'loaded'; facts: Facts; file: Blob }
  /** `status` of HTTP: 401 wants the hub's token, 404 and 410 say that it is not there any more. */
  | { step: 'refused'; status: number; message: string };

export function useSnapshotFile<Facts extends { bytes: number }>(
  /** Changes when another is to be loaded; null for none. */
  key: string | null,
  find: (key: string) => Promise<Facts>,
  dataPath: (key: string) => string,
  token: ShareToken,
): {
  loading: Loading<Facts>;
  again: () => void;
  setFacts: (facts: Facts) => void;
  /** It is not shown any more. */
  refuse: (status: number, message: string) => void;
} {
  const [loading, setLoading] = useState<Loading<Facts>>({ step: 'loading', facts: null, bytes: 0 });
  const [attempt, setAttempt] = useState(0);
  const drop = useRef<() => void>(() => undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks again; what finds and names the data is the page's own, for good
  useEffect(() => {
    if (key === null) return;
    let isWanted = true;
    const show = (next: Loading<Facts>): void => {
      if (isWanted) setLoading(next);
    };
    async function load(wanted: string): Promise<void> {
      show({ step: 'loading', facts: null, bytes: 0 });
      const facts = await find(wanted);
      show({ step: 'loading', facts, bytes: 0 });
      const file = await fetchData(dataPath(wanted), token, (bytes) =>
        show({ step: 'loading', facts, bytes }),
      );
      show({ step: 'loaded', facts, file });
    }
    load(key).catch((error: unknown) => {
      const status = error instanceof HubRefusal ? error.status : 0;
      show({ step: 'refused', status, message: toRefusalWords(error) });
    });
    drop.current = () => {
      isWanted = false;
    };
    return drop.current;
  }, [key, attempt]);

  return {
    loading,
    refuse: useCallback((status, message) => {
      // What is still on its way is not shown either.
      drop.current();
      setLoading({ step: 'refused', status, message });
    }, []),
    again: useCallback(() => setAttempt((before) => before + 1), []),
    setFacts: useCallback(
      (facts) => setLoading((before) => (before.step === 'refused' ? before : { ...before, facts })),
      [],
    ),
  };
}
