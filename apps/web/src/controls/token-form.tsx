'use client';
import { type FormEvent, type ReactElement, useState } from 'react';
import { liveStore } from '../live/use-live';

type State = { step: 'idle' } | { step: 'sending' } | { step: 'refused'; why: string };

/** Asks for the browser token. It goes in the body of one POST and comes back as a cookie; never into a URL or storage. */
export function TokenForm({
  onDone = () => liveStore().retry(),
}: {
  /** The hub knows this browser now. */
  onDone?: () => void;
}): ReactElement {
  const [state, setState] = useState<State>({ step: 'idle' });

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const token = String(new FormData(form).get('token') ?? '').trim();
    setState({ step: 'sending' });
    try {
      const response = await fetch('/api/session', {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
      if (response.ok) {
        form.reset();
        setState({ step: 'idle' });
        onDone();
        return;
      }
      const why =
        response.status === 401 || response.status === 403
          ? 'The hub does not know this token. It is printed where the hub was started.'
          : `The hub answered ${response.status}. Try again.`;
      setState({ step: 'refused', why });
    } catch {
      setState({ step: 'refused', why: 'The hub does not answer. Check that it runs, then try again.' });
    }
  }

  return (
    <form
      className="panel mx-auto mt-[12vh] flex w-full max-w-md flex-col gap-3 p-5"
      aria-label="Token"
      onSubmit={(event) => void send(event)}
    >
      <h1 className="text-title font-semibold">This hub asks for a token</h1>
      <p className="text-dull">
        It listens beyond this machine, so it shows its hosts only to those who have the browser token that it
        was started with.
      </p>
      <label className="flex flex-col gap-1">
        Browser token
        <input
          name="token"
          type="password"
          required
          autoComplete="current-password"
          className="control w-full font-mono"
          aria-describedby="token-error"
        />
      </label>
      <p id="token-error" role="alert" className="text-bad empty:hidden">
        {state.step === 'refused' ? state.why : ''}
      </p>
      <button
        type="submit"
        disabled={state.step === 'sending'}
        className="control justify-center border-accent bg-accent font-semibold text-on-accent"
      >
        {state.step === 'sending' ? 'Checking…' : 'Continue'}
      </button>
    </form>
  );
}
