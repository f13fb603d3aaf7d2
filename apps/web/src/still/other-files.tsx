'use client';
/** Owns the list of files that were dropped together: which is open, and the others one click away, to open or compare. */
import type { ReactElement } from 'react';
import { plural } from '../words/words';

/** Named one by one; what is beyond is counted, and can be dropped again. */
const MAX_LISTED = 20;

export interface OtherFilesProps {
  files: readonly File[];
  open: Blob | null;
  onOpen: (file: File) => void;
  /** Null until something is shown. */
  onCompare: ((file: File) => void) | null;
}

export function OtherFiles({ files, open, onOpen, onCompare }: OtherFilesProps): ReactElement | null {
  if (files.length < 2) return null;
  return (
    <nav aria-label="Files given" className="flex flex-wrap items-center gap-1.5">
      <span className="text-dull">{plural(files.length, 'file')}:</span>
      {files.slice(0, MAX_LISTED).map((file, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: two may have one name, and the list does not change
          key={index}
          className="flex items-center"
        >
          <button
            type="button"
            className="control h-6 max-w-72"
            aria-pressed={file === open}
            title={`Open ${file.name}`}
            onClick={() => onOpen(file)}
          >
            <span className="truncate">{file.name}</span>
          </button>
          {file !== open && onCompare !== null && (
            <button
              type="button"
              className="px-1 text-accent text-small hover:underline"
              aria-label={`Compare with ${file.name}`}
              title={`Compare what is shown with ${file.name}, as what was before`}
              onClick={() => onCompare(file)}
            >
              compare
            </button>
          )}
        </span>
      ))}
      {files.length > MAX_LISTED && (
        <span className="text-warn">
          and {plural(files.length - MAX_LISTED, 'more', 'more')}, not listed: drop fewer at once
        </span>
      )}
    </nav>
  );
}
