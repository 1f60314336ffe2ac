import { Component, type ReactNode } from 'react';
import { Failure } from './feedback';

/** Catches what breaks in a page, so that the frame stays: a file of an older build that is gone after an upgrade, as a rule. */
export class Breakdown extends Component<{ readonly children: ReactNode }, { readonly words: string | undefined }> {
  override state: { readonly words: string | undefined } = { words: undefined };

  static getDerivedStateFromError(error: unknown): { readonly words: string } {
    return { words: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { words } = this.state;
    if (words === undefined) return this.props.children;
    const reload = () => {
      window.location.reload();
    };
    return <Failure words={`This page cannot be shown: ${words}`} onRetry={reload} />;
  }
}
